import { connect, headers, type JetStreamManager, type NatsConnection, type StreamConfig } from 'nats'

let created = 0

interface Administrator {
  readonly connection: NatsConnection
  readonly manager: JetStreamManager
}

async function administrate(url: string, login: object = {}): Promise<Administrator> {
  const connection = await connect({ servers: url, ...login })
  return { connection, manager: await connection.jetstreamManager({ checkAPI: false }) }
}

/** A stream of a private server, as an administrator sees it. */
export class TestStream {
  readonly name: string
  connection: NatsConnection
  manager: JetStreamManager
  #published = 0

  private constructor(name: string, { connection, manager }: Administrator) {
    this.name = name
    this.connection = connection
    this.manager = manager
  }

  /** Under a name of its own: a server that is busy may let a stream come back with what the last one of its name held. */
  static async create(url: string, config: Partial<StreamConfig> = {}, login: object = {}): Promise<TestStream> {
    const stream = new TestStream(config.name ?? `changes${++created}`, await administrate(url, login))
    await stream.add(config)
    return stream
  }

  /** After a restart of the server. */
  async reconnect(url: string): Promise<void> {
    await this.connection.close()
    Object.assign(this, await administrate(url))
  }

  async add(config: Partial<StreamConfig> = {}): Promise<void> {
    await this.manager.streams.add({ name: this.name, subjects: [`${this.name}.>`], ...config })
  }

  /** As whoever tidies up might. Servers before 2.11 may delete it and still answer with an error. */
  async deleteConsumer(consumer: string): Promise<void> {
    await this.manager.consumers.delete(this.name, consumer).catch((error: Error) => {
      if (!error.message.includes('directory not empty')) throw error
    })
  }

  /** Publishes `{"n": <number>}` with the next numbers, in order, confirmed by the server. */
  async publish(count: number, companyId = 'c1'): Promise<void> {
    for (let i = 0; i < count; i++) await this.send(JSON.stringify({ n: ++this.#published }), {}, companyId)
  }

  /** Publishes many at once; resolves when all are stored. */
  async publishFast(count: number, bytes = 20, companyId = 'c1'): Promise<void> {
    const pad = 'x'.repeat(Math.max(0, bytes - 20))
    const stream = this.connection.jetstream()
    for (let sent = 0; sent < count; sent += 256) {
      const window = Array.from({ length: Math.min(256, count - sent) }, () =>
        JSON.stringify({ n: ++this.#published, pad }),
      )
      await Promise.all(window.map((text) => stream.publish(this.#subject(companyId), text)))
    }
  }

  async send(data: string | Uint8Array, fields: Record<string, string> = {}, companyId = 'c1'): Promise<number> {
    const all = headers()
    for (const [name, value] of Object.entries(fields)) all.set(name, value)
    const options = Object.keys(fields).length > 0 ? { headers: all } : {}
    return (await this.connection.jetstream().publish(this.#subject(companyId), data, options)).seq
  }

  /** Starts the numbers again, for a stream made anew. */
  restartNumbers(): void {
    this.#published = 0
  }

  async close(): Promise<void> {
    await this.connection.close()
  }

  #subject(companyId: string): string {
    return `${this.name}.order.INSERT.${companyId}.l1.PUBLIC.1`
  }
}
