import { EdsError, type OpenRequest, type Source, type SourceReader, withDeadline } from '@eds/core'
import { Connection } from './connection.js'
import { ConsumerDesk } from './consumer-desk.js'
import { CursorKeeper } from './cursor-keeper.js'
import { JetStreamApi } from './jetstream-api.js'
import { parsePosition } from './position.js'
import { NatsReader } from './reader.js'
import { RestartNote } from './restart-note.js'
import { type NatsSettings, wishesFor } from './settings.js'

const reconnectPollMs = 50

/** A stream as a source. Readers share one connection, which is opened when it is first needed and again when it has ended. */
export class NatsSource implements Source {
  readonly description: string
  readonly #settings: NatsSettings
  #connecting: Promise<Connection> | undefined

  constructor(settings: NatsSettings) {
    this.#settings = settings
    this.description = `${settings.connection.where} stream ${settings.stream}`
  }

  async open({ cursor, after, start, signal }: OpenRequest): Promise<SourceReader> {
    const name = this.#settings.consumerName(cursor)
    const connection = await this.#connection(signal)
    const { desk, keeper } = this.#consumer(name, connection)
    const opened = await keeper.open(after === undefined ? undefined : parsePosition(after), start, signal)
    if (signal.aborted) throw aborted()
    return new NatsReader({ connection, desk, keeper, settings: this.#settings, signal }, opened)
  }

  async forget(cursor: string): Promise<void> {
    const name = this.#settings.consumerName(cursor)
    const { desk, note } = this.#consumer(name, await this.#connection())
    await desk.delete()
    await note.clear()
  }

  async close(): Promise<void> {
    const connecting = this.#connecting
    this.#connecting = undefined
    await connecting?.then((connection) => connection.close()).catch(() => {})
  }

  #consumer(name: string, connection: Connection) {
    const { stream, state, clock, logger, takeoverMs, connection: connecting } = this.#settings
    const api = new JetStreamApi(connection, stream, connecting.timeoutMs)
    const desk = new ConsumerDesk(name, wishesFor(name, this.#settings), api, logger)
    const note = new RestartNote(state, stream, name)
    return { desk, note, keeper: new CursorKeeper({ desk, note, clock, logger, takeoverMs }) }
  }

  /** The connection, up. Rejects with `EdsError` when it does not come up in time, or the signal aborts. */
  async #connection(signal?: AbortSignal): Promise<Connection> {
    const connection = await withDeadline(() => this.#connect(), { signal, what: 'opening the NATS source' })
    const { clock, connection: settings } = this.#settings
    const deadline = clock.now() + settings.timeoutMs
    while (!connection.isUp) {
      if (signal?.aborted) throw aborted()
      if (connection.isClosed) return this.#connection(signal)
      if (clock.now() >= deadline) throw new EdsError('connection', `NATS at ${settings.where} cannot be reached`)
      await clock.sleep(reconnectPollMs, signal)
    }
    return connection
  }

  async #connect(): Promise<Connection> {
    const former = this.#connecting
    const connection = await former?.catch(() => undefined)
    if (connection && !connection.isClosed) return connection
    const { connection: settings, logger } = this.#settings
    // Whoever comes first opens a new one for all.
    if (this.#connecting === former) this.#connecting = Connection.open(settings, logger)
    return this.#connecting ?? this.#connect()
  }
}

function aborted(): EdsError {
  return new EdsError('connection', 'opening the NATS source was aborted')
}
