import type { Socket } from 'node:net'
import { EdsError } from '@eds/core'
import type { Database } from '../database.js'
import { toSourceError } from '../errors.js'
import { announcesChecksums, eventType, type LogEvent, readLogEvent } from './log-event.js'

/** A packet of the server, as `mysql2` hands it to the command that is running. */
interface LogPacket {
  readonly buffer: Buffer
  readonly offset: number
  readonly end: number
  isError(): boolean
  isEOF(): boolean
  asError(encoding: string): Error
}

interface Wire {
  sequenceId: number
  readonly clientEncoding: string
  write(data: Buffer): void
}

/** `addCommand` is how `mysql2` itself runs queries: anything with these members is a command. Its own dump drops the bytes of the events. */
interface CommandQueue {
  addCommand(command: {
    execute(packet: LogPacket | undefined, wire: Wire): boolean
    onResult(error: Error): void
  }): void
}

const dumpCommand = 0x12
const heartbeatMs = 5_000
/** The server says that it lives every {@link heartbeatMs}. */
const silenceMs = 4 * heartbeatMs

export interface DumpRequest {
  readonly file: string
  readonly offset: number
  readonly serverId: number
  /** The server is told to wait when more bytes than these are held. */
  readonly bufferBytes: number
}

/** The binary log from a place on, event by event; holds a bounded number of bytes. */
export class LogDump {
  readonly #database: Database
  readonly #request: DumpRequest
  readonly #events: LogEvent[] = []
  #hasChecksums: boolean
  #bytes = 0
  #isPaused = false
  #failure: EdsError | undefined
  #wake: () => void = () => {}
  #lastSign = Date.now()
  #timer: NodeJS.Timeout | undefined

  private constructor(database: Database, request: DumpRequest, hasChecksums: boolean) {
    this.#database = database
    this.#request = request
    this.#hasChecksums = hasChecksums
  }

  /** Takes the connection over: it is of no other use from now on. */
  static async start(database: Database, request: DumpRequest): Promise<LogDump> {
    if (request.offset > 0xffff_ffff) {
      throw new EdsError(
        'unsupported',
        `the binary log "${request.file}" is larger than 4 GiB, where nobody can be sent on from`,
      )
    }
    const [row] = await database.query<{ checksum: string }>('SELECT @@GLOBAL.binlog_checksum AS checksum')
    // The first names what replicas have set since MySQL 5.6, the others say what this one can read and when it wants to hear something.
    await database.query(
      'SET @master_binlog_checksum = @@GLOBAL.binlog_checksum, @source_binlog_checksum = @@GLOBAL.binlog_checksum',
    )
    await database.query('SET @mariadb_slave_capability = 4')
    await database.query(
      `SET @master_heartbeat_period = ${heartbeatMs}000000, @source_heartbeat_period = ${heartbeatMs}000000`,
    )
    const dump = new LogDump(database, request, row?.checksum === 'CRC32')
    dump.#begin()
    return dump
  }

  /** The next event, or undefined when the signal aborted. Rejects when the server or the connection failed. */
  async next(signal: AbortSignal): Promise<LogEvent | undefined> {
    while (this.#events.length === 0) {
      if (signal.aborted) return undefined
      if (this.#failure !== undefined) throw this.#failure
      await this.#something(signal)
    }
    const event = this.#events.shift()
    this.#bytes -= event?.size ?? 0
    if (this.#isPaused && this.#bytes <= this.#request.bufferBytes / 2) {
      this.#isPaused = false
      this.#lastSign = Date.now()
      this.#database.connection.resume()
    }
    return event
  }

  /** True when another event can be had without waiting. */
  get hasMore(): boolean {
    return this.#events.length > 0
  }

  stop(): void {
    clearInterval(this.#timer)
    cut(this.#database)
    this.#fail(new EdsError('connection', 'MySQL: the connection was closed'))
  }

  #begin(): void {
    const lost = () =>
      this.#fail(new EdsError('connection', 'MySQL: the connection broke while the binary log was read'))
    const { connection } = this.#database
    connection.on('error', (error) => this.#fail(toSourceError(error, 'reading the binary log')))
    connection.on('end', lost)
    this.#timer = setInterval(() => this.#demandSign(), heartbeatMs)
    this.#timer.unref()
    // The library's types do not name what its own commands use.
    const queue = connection as unknown as CommandQueue
    queue.addCommand({
      execute: (packet, wire) => this.#execute(packet, wire),
      onResult: (error) => this.#fail(toSourceError(error, 'reading the binary log')),
    })
  }

  #execute(packet: LogPacket | undefined, wire: Wire): boolean {
    if (packet === undefined) {
      wire.write(dumpPacket(this.#request))
      wire.sequenceId = 1
      return false
    }
    if (packet.isError()) {
      this.#fail(toSourceError(packet.asError(wire.clientEncoding), 'reading the binary log'))
      return true
    }
    if (packet.isEOF()) {
      this.#fail(new EdsError('connection', 'MySQL: the server ended the binary log'))
      return true
    }
    try {
      this.#take(readLogEvent(packet.buffer.subarray(packet.offset + 1, packet.end), this.#hasChecksums))
    } catch (error) {
      this.#fail(toSourceError(error, 'reading the binary log'))
    }
    return false
  }

  #take(event: LogEvent): void {
    this.#lastSign = Date.now()
    if (event.type === eventType.formatDescription) this.#hasChecksums = announcesChecksums(event)
    this.#events.push(event)
    this.#bytes += event.size
    if (!this.#isPaused && this.#bytes > this.#request.bufferBytes) {
      this.#isPaused = true
      this.#database.connection.pause()
    }
    this.#wake()
  }

  #demandSign(): void {
    if (this.#isPaused || Date.now() - this.#lastSign < silenceMs) return
    this.#fail(new EdsError('connection', `MySQL: nothing came for ${silenceMs} ms, not even a heartbeat`))
    cut(this.#database)
  }

  #fail(error: EdsError): void {
    this.#failure ??= error
    clearInterval(this.#timer)
    this.#wake()
  }

  async #something(signal: AbortSignal): Promise<void> {
    let wake = () => {}
    await new Promise<void>((resolve) => {
      wake = resolve
      this.#wake = wake
      signal.addEventListener('abort', wake, { once: true })
    })
    signal.removeEventListener('abort', wake)
    this.#wake = () => {}
  }
}

/**
 * The library's `destroy` only says that we send no more. A server that sends its log does not mind, and the open socket would keep the
 * program from ending.
 */
function cut(database: Database): void {
  database.destroy()
  // Not among the library's types.
  const { stream } = database.connection as unknown as { readonly stream: Socket }
  stream.destroy()
}

/** https://mariadb.com/kb/en/com_binlog_dump/ */
function dumpPacket({ file, offset, serverId }: DumpRequest): Buffer {
  const name = Buffer.from(file)
  const packet = Buffer.alloc(15 + name.length)
  packet.writeUIntLE(packet.length - 4, 0, 3)
  packet.writeUInt8(dumpCommand, 4)
  packet.writeUInt32LE(offset, 5)
  packet.writeUInt32LE(serverId, 11)
  name.copy(packet, 15)
  return packet
}
