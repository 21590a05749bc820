import { EventHubConsumerClient, type ReceivedEventData } from '@azure/event-hubs'

/** Everything that the hub holds, read by the vendor's consumer client, partition by partition, in order. */
export async function* readHub(connectionString: string): AsyncGenerator<ReceivedEventData> {
  const consumer = new EventHubConsumerClient('$Default', connectionString)
  try {
    for (const partition of await consumer.getPartitionIds()) {
      const { lastEnqueuedSequenceNumber, isEmpty } = await consumer.getPartitionProperties(partition)
      if (!isEmpty) yield* await readPartition(consumer, partition, lastEnqueuedSequenceNumber)
    }
  } finally {
    await consumer.close()
  }
}

async function readPartition(
  consumer: EventHubConsumerClient,
  partition: string,
  last: number,
): Promise<ReceivedEventData[]> {
  const all: ReceivedEventData[] = []
  let stop = async () => {}
  await new Promise<void>((resolve, reject) => {
    const subscription = consumer.subscribe(
      partition,
      {
        processEvents: async (events) => {
          for (const event of events) all.push(event)
          if ((all.at(-1)?.sequenceNumber ?? -1) >= last) resolve()
        },
        processError: async (error) => reject(error),
      },
      { startPosition: { offset: '-1' }, skipParsingBodyAsJson: true, maxBatchSize: 500 },
    )
    stop = () => subscription.close()
  })
  await stop()
  return all
}
