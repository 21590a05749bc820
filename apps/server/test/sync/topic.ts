import { randomUUID } from 'node:crypto'
import type { SyncMessage } from '@eds/sync'
import { onTestFinished } from 'vitest'

/** A message as a subscriber got it. */
export interface TopicMessage {
  readonly message: SyncMessage
  readonly attributes: Readonly<Record<string, string>>
}

export interface TestTopic {
  /** `projects/…/topics/…` */
  readonly path: string
  /** `host:port`, for PUBSUB_EMULATOR_HOST. */
  readonly emulator: string
  /** All that was published so far, once per message id. */
  messages(): Promise<readonly TopicMessage[]>
  /** Makes another topic, for as long as the test lasts. */
  create(path: string): Promise<void>
}

/** A topic of the test's own on the Pub/Sub fake, with a subscription. */
export async function testTopic(url: string): Promise<TestTopic> {
  const { PubSub, v1 } = await import('@google-cloud/pubsub')
  const emulator = new URL(url).host
  const project = 'eds-sync-test'
  const id = `eds-${randomUUID()}`
  const path = `projects/${project}/topics/${id}`
  const subscription = `projects/${project}/subscriptions/${id}`
  const { port, ...settings } = await new PubSub({ apiEndpoint: emulator, projectId: project }).getClientConfig()
  const config = { ...settings, ...(port === undefined ? {} : { port: Number(port) }) }
  const publisher = new v1.PublisherClient(config)
  const subscriber = new v1.SubscriberClient(config)
  await publisher.createTopic({ name: path })
  await subscriber.createSubscription({ name: subscription, topic: path, ackDeadlineSeconds: 60 })
  const extra: string[] = []
  onTestFinished(async () => {
    await subscriber.deleteSubscription({ subscription })
    for (const name of [path, ...extra]) await publisher.deleteTopic({ topic: name })
    await Promise.all([publisher.close(), subscriber.close()])
  })
  const received = new Map<string, TopicMessage>()
  return {
    path,
    emulator,
    async create(name) {
      await publisher.createTopic({ name })
      extra.push(name)
    },
    async messages() {
      for (;;) {
        const [{ receivedMessages = [] }] = await subscriber.pull({
          subscription,
          maxMessages: 1_000,
          returnImmediately: true,
        })
        if (!receivedMessages?.length) return [...received.values()]
        for (const { message } of receivedMessages) {
          received.set(String(message?.messageId), {
            message: JSON.parse(Buffer.from(message?.data ?? '').toString()),
            attributes: message?.attributes ?? {},
          })
        }
        await subscriber.acknowledge({ subscription, ackIds: receivedMessages.map(({ ackId }) => String(ackId)) })
      }
    },
  }
}
