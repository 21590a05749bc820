import { randomUUID } from 'node:crypto'

export interface SyncMessage {
  readonly eventID: string
  readonly events: Readonly<Record<string, { readonly numberOfEvents: number }>>
}

export interface SyncTopic {
  /** `projects/…/topics/…` */
  readonly path: string
  /** All that was published. */
  messages(): Promise<readonly SyncMessage[]>
  remove(): Promise<void>
}

/** A topic of its own on the Pub/Sub server, with a subscription. */
export async function syncTopic(endpoint: string, project: string): Promise<SyncTopic> {
  const { PubSub, v1 } = await import('@google-cloud/pubsub')
  const { port, ...settings } = await new PubSub({
    apiEndpoint: endpoint,
    projectId: project,
    emulatorMode: true,
  }).getClientConfig()
  const config = { ...settings, ...(port === undefined ? {} : { port: Number(port) }) }
  const publisher = new v1.PublisherClient(config)
  const subscriber = new v1.SubscriberClient(config)
  const name = `bench-sync-${randomUUID()}`
  const path = `projects/${project}/topics/${name}`
  const subscription = `projects/${project}/subscriptions/${name}`
  await publisher.createTopic({ name: path })
  await subscriber.createSubscription({ name: subscription, topic: path, ackDeadlineSeconds: 600 })
  return {
    path,
    async messages() {
      const all: SyncMessage[] = []
      for (;;) {
        const request = { subscription, maxMessages: 1_000, returnImmediately: true }
        const [{ receivedMessages }] = await subscriber.pull(request)
        if (!receivedMessages?.length) return all
        for (const { message } of receivedMessages) all.push(JSON.parse(Buffer.from(message?.data ?? '').toString()))
        await subscriber.acknowledge({ subscription, ackIds: receivedMessages.map(({ ackId }) => String(ackId)) })
      }
    },
    async remove() {
      await subscriber.deleteSubscription({ subscription })
      await publisher.deleteTopic({ topic: path })
      await Promise.all([publisher.close(), subscriber.close()])
    },
  }
}
