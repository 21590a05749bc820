import { type Clock, EdsError } from '@eds/core'
import type { Client } from 'pg'
import { destroy } from '../connection/connect.js'
import { toSourceError } from '../errors.js'
import { formatLogNumber } from './log-number.js'

/** What comes over the wire: a message of the plugin, or how far the server is. */
export type LogItem =
  | { readonly kind: 'data'; readonly payload: Buffer }
  | { readonly kind: 'alive'; readonly end: bigint }

export interface LogStreamOptions {
  readonly slot: string
  readonly publication: string
  readonly bufferBytes: number
  readonly where: string
  readonly clock: Clock
}

const statusEveryMs = 2_000
/** Then the server is asked for a sign of life; after twice as long without one the connection is given up. */
const silenceMs = 30_000

/** A replication connection: holds no more than its buffer, and tells the server at intervals how far it may forget. */
export class LogStream {
  readonly #client: Client
  readonly #options: LogStreamOptions
  readonly #items: LogItem[] = []
  #bytes = 0
  #isPaused = false
  #failure: EdsError | undefined
  #wake = () => {}
  #released = 0n
  #timer: NodeJS.Timeout | undefined
  #heardAt: number

  constructor(client: Client, options: LogStreamOptions) {
    this.#client = client
    this.#options = options
    this.#heardAt = options.clock.now()
  }

  /** @throws EdsError when the slot is in use or gone. */
  async start(from: bigint): Promise<void> {
    const { slot, publication, where } = this.#options
    const { connection } = this.#client
    connection.on('copyData', ({ chunk }: { readonly chunk: Buffer }) => this.#receive(chunk))
    this.#client.on('end', () => this.#fail(new EdsError('connection', `${where}: the replication connection ended`)))
    const options = `proto_version '1', publication_names '${publication}', messages 'true'`
    const text = `START_REPLICATION SLOT "${slot}" LOGICAL ${formatLogNumber(from)} (${options})`
    await new Promise<void>((resolve, reject) => {
      connection.once('copyBothResponse', () => resolve())
      connection.once('replicationStart', () => resolve())
      this.#client.query(text).then(
        () => this.#fail(new EdsError('connection', `${where}: the server ended the replication`)),
        (error: unknown) => {
          const known = toSourceError(error, where)
          this.#fail(known)
          reject(known)
        },
      )
    })
    this.#timer = setInterval(() => this.#tick(), statusEveryMs)
    this.#timer.unref()
  }

  /** Everything received so far, after waiting for something or until the promise resolves. */
  async wait(until: Promise<void>): Promise<void> {
    if (this.#failure && this.#items.length === 0) throw this.#failure
    if (this.#items.length > 0) return
    await Promise.race([
      until,
      new Promise<void>((resolve) => {
        this.#wake = resolve
      }),
    ])
    if (this.#failure && this.#items.length === 0) throw this.#failure
  }

  peek(): LogItem | undefined {
    return this.#items[0]
  }

  take(): LogItem | undefined {
    const item = this.#items.shift()
    if (item?.kind === 'data') this.#bytes -= item.payload.length
    if (this.#isPaused && this.#bytes * 2 <= this.#options.bufferBytes) {
      this.#isPaused = false
      this.#heardAt = this.#options.clock.now()
      this.#client.connection.stream.resume()
    }
    return item
  }

  /** The server may forget everything before this place of the log. */
  release(end: bigint): void {
    if (end > this.#released) this.#released = end
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    if (!this.#failure && this.#timer) await this.#goodbye()
    this.#fail(new EdsError('connection', `${this.#options.where}: closed`))
    destroy(this.#client)
  }

  /** The last status has to reach the server before the end of the connection. */
  #goodbye(): Promise<void> {
    return new Promise((resolve) => {
      const { stream } = this.#client.connection
      stream.write(statusMessage(this.#released), () => resolve())
      stream.once('close', () => resolve())
    })
  }

  #receive(chunk: Buffer): void {
    this.#heardAt = this.#options.clock.now()
    const mark = String.fromCharCode(chunk.readUInt8(0))
    if (mark === 'w') {
      // The client library uses its buffer again.
      const payload = Buffer.from(chunk.subarray(25))
      this.#items.push({ kind: 'data', payload })
      this.#bytes += payload.length
    } else if (mark === 'k') {
      this.#items.push({ kind: 'alive', end: chunk.readBigUInt64BE(1) })
      if (chunk.readUInt8(17) === 1) this.#sendStatus()
    }
    if (!this.#isPaused && this.#bytes > this.#options.bufferBytes) {
      this.#isPaused = true
      this.#client.connection.stream.pause()
    }
    this.#wake()
  }

  #fail(error: EdsError): void {
    this.#failure ??= error
    clearInterval(this.#timer)
    this.#wake()
  }

  /** A connection can die without a word: the network keeps it open for hours. */
  #tick(): void {
    const { clock, where } = this.#options
    const silentMs = this.#isPaused ? 0 : clock.now() - this.#heardAt
    if (silentMs > 2 * silenceMs) {
      this.#fail(new EdsError('connection', `${where}: the server has not been heard of for ${silentMs} ms`))
      destroy(this.#client)
    } else this.#sendStatus(silentMs > silenceMs)
  }

  #sendStatus(asksForReply = false): void {
    if (!this.#failure) this.#client.connection.stream.write(statusMessage(this.#released, asksForReply))
  }
}

/** Standby status update within CopyData (https://www.postgresql.org/docs/current/protocol-replication.html). */
function statusMessage(released: bigint, asksForReply = false): Buffer {
  const message = Buffer.alloc(39)
  message.write('d', 0, 'latin1')
  message.writeUInt32BE(38, 1)
  message.write('r', 5, 'latin1')
  for (const at of [6, 14, 22]) message.writeBigUInt64BE(released, at)
  message.writeUInt8(asksForReply ? 1 : 0, 38)
  return message
}
