import type { Delivery, OpenRequest, Source, SourceReader } from '@eds/core'
import { TcpProxy } from '@eds/testkit'
import { mysql } from '../../src/index.js'
import type { CaptureMode, MysqlOptions } from '../../src/options.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

/** A table whose rows stand for the messages of the suite: whatever bytes they hold has to come through. */
export class MessageTable {
  readonly #server: () => string
  readonly #mode: CaptureMode
  readonly #proxies = new Map<Source, TcpProxy>()
  #database: TestDatabase | undefined

  constructor(server: () => string, mode: CaptureMode) {
    this.#server = server
    this.#mode = mode
  }

  get database(): TestDatabase {
    if (this.#database === undefined) throw new Error('reset comes first')
    return this.#database
  }

  async reset(): Promise<void> {
    await this.#database?.remove()
    this.#database = await createTestDatabase(this.#server())
    await this.#database.query('CREATE TABLE message (id BIGINT AUTO_INCREMENT PRIMARY KEY, body LONGBLOB NOT NULL)')
  }

  async publish(messages: readonly Uint8Array[], step = 500): Promise<void> {
    for (let from = 0; from < messages.length; from += step) {
      const bodies = messages.slice(from, from + step)
      await this.database.query('INSERT INTO message (body) VALUES ?', [bodies.map((body) => [Buffer.from(body)])])
    }
  }

  get options(): MysqlOptions {
    return { ...this.database.options, mode: this.#mode, snapshot: false, retainMs: 600_000 }
  }

  /** A source with a wire of its own, so that it can vanish without a word. */
  async create(): Promise<Source> {
    const { host = '', port = 0 } = this.database.options
    const proxy = await TcpProxy.to({ host, port })
    const source = mysql({ ...this.options, host: '127.0.0.1', port: proxy.port, statementTimeoutMs: 10_000 })
    const bodies = bodiesOf(source)
    this.#proxies.set(bodies, proxy)
    return bodies
  }

  /** The triggers have to be there before the messages are. */
  async install(): Promise<void> {
    const source = mysql(this.options)
    const request: OpenRequest = { cursor: 'install', start: { at: 'now' }, signal: new AbortController().signal }
    await (await source.open(request)).close()
    await source.forget('install')
  }

  async crash(source: Source): Promise<void> {
    this.#proxies.get(source)?.cut()
    await source.close()
  }

  readonly connection = {
    break: async () => {
      for (const proxy of this.#proxies.values()) await proxy.break()
    },
    restore: async () => {
      for (const proxy of this.#proxies.values()) await proxy.restore()
    },
  }

  async remove(): Promise<void> {
    await this.#database?.remove()
    await this.connection.break()
  }
}

/** The same source, whose deliveries hold the column `body` instead of the event. */
function bodiesOf(source: Source): Source {
  return {
    description: source.description,
    open: async (request) => bodyReader(await source.open(request)),
    forget: (cursor) => source.forget(cursor),
    close: () => source.close(),
  }
}

function bodyReader(reader: SourceReader): SourceReader {
  return {
    acknowledge: (delivery) => reader.acknowledge(delivery),
    close: () => reader.close(),
    async *[Symbol.asyncIterator]() {
      for await (const chunk of reader) yield chunk.map(bodyOf)
    },
  }
}

function bodyOf(delivery: Delivery): Delivery {
  const event = JSON.parse(Buffer.from(delivery.bytes).toString()) as { after: { body: string } }
  return { ...delivery, bytes: Buffer.from(event.after.body, 'base64') }
}
