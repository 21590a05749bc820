import { randomUUID } from 'node:crypto'
import { type ClientConfig, PubSub, v1 } from '@google-cloud/pubsub'

/** A message as a subscriber got it. */
export interface ReceivedMessage {
  readonly data: Buffer
  readonly orderingKey: string
  readonly attributes: Readonly<Record<string, string>>
}

/** A topic of the test's own with a subscription that keeps order, read past the driver. */
export class TestTopic {
  readonly name = `eds-${randomUUID()}`
  readonly #project: string
  readonly #publisher: v1.PublisherClient
  readonly #subscriber: v1.SubscriberClient
  readonly #received: ReceivedMessage[] = []

  private constructor(project: string, settings: ConstructorParameters<typeof v1.PublisherClient>[0]) {
    this.#project = project
    this.#publisher = new v1.PublisherClient(settings)
    this.#subscriber = new v1.SubscriberClient(settings)
  }

  static async create(endpoint: string, project: string): Promise<TestTopic> {
    const options: ClientConfig = { apiEndpoint: endpoint, projectId: project }
    const { port, ...settings } = await new PubSub(options).getClientConfig()
    const topic = new TestTopic(project, { ...settings, ...(port === undefined ? {} : { port: Number(port) }) })
    await topic.#publisher.createTopic({ name: topic.#path })
    await topic.#subscriber.createSubscription({
      name: topic.#subscription,
      topic: topic.#path,
      enableMessageOrdering: true,
      ackDeadlineSeconds: 60,
    })
    return topic
  }

  get #path(): string {
    return `projects/${this.#project}/topics/${this.name}`
  }

  get #subscription(): string {
    return `projects/${this.#project}/subscriptions/${this.name}`
  }

  /** Everything that was published up to now, in the order in which the subscription gave it. */
  async messages(): Promise<readonly ReceivedMessage[]> {
    for (;;) {
      const [{ receivedMessages }] = await this.#subscriber.pull({
        subscription: this.#subscription,
        maxMessages: 1_000,
      })
      if (!receivedMessages?.length) return this.#received
      for (const { message } of receivedMessages) {
        const { data, orderingKey, attributes } = message ?? {}
        this.#received.push({
          data: Buffer.from(data ?? ''),
          orderingKey: orderingKey ?? '',
          attributes: attributes ?? {},
        })
      }
      const ackIds = receivedMessages.map(({ ackId }) => ackId ?? '')
      await this.#subscriber.acknowledge({ subscription: this.#subscription, ackIds })
    }
  }

  async remove(): Promise<void> {
    await this.#subscriber.deleteSubscription({ subscription: this.#subscription })
    await this.#publisher.deleteTopic({ topic: this.#path })
    await Promise.all([this.#publisher.close(), this.#subscriber.close()])
  }
}
