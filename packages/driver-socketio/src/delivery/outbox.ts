import type { Socket } from 'socket.io'

/** The connection below a socket (engine.io); its events are documented in engine.io's README. */
type Connection = Socket['conn']
type Transport = Connection['transport']

/** A packet on its way out, as `packetCreate` gives it. */
interface OutgoingPacket {
  readonly data?: unknown
  readonly options?: { readonly wsPreEncodedFrame?: readonly Uint8Array[] }
}

/**
 * Told how far a client is behind. A change is several packets: what it is judged by is what waited before the change, the largest of the
 * waiting changes not counted, so that no single change makes a client slow, however large it is.
 */
export interface OutboxListener {
  /** Counts changes: packets with the same number belong to one. */
  readonly round: number
  /** More than half of what may wait was waiting already. */
  behind(): void
  /** All that may wait was waiting already. */
  full(): void
  /** Nothing waits any more; only after one of the others. */
  empty(): void
}

type Level = 'fine' | 'behind' | 'full'

/** Counts the bytes that wait for one client: those not handed to its transport yet, and those that the transport is still sending. */
export class Outbox {
  #waiting = 0
  #sending = 0
  #level: Level = 'fine'
  #round = -1
  #before = 0
  /** Bytes of the change that comes now, and at most those of the largest one that waits. */
  #change = 0
  #largest = 0
  readonly #maxBytes: number
  readonly #listener: OutboxListener

  constructor(connection: Connection, maxBytes: number, listener: OutboxListener) {
    this.#maxBytes = maxBytes
    this.#listener = listener
    connection.on('packetCreate', (packet: OutgoingPacket) => this.#add(bytesOf(packet)))
    connection.on('flush', () => {
      this.#sending = this.#waiting
      this.#waiting = 0
    })
    connection.on('upgrade', (transport: Transport) => this.#watch(transport))
    this.#watch(connection.transport)
  }

  /** Bytes that wait for the client now. */
  get bytes(): number {
    return this.#waiting + this.#sending
  }

  #watch(transport: Transport): void {
    transport.on('drain', () => {
      this.#sending = 0
      this.#largest = Math.min(this.#largest, this.#waiting)
      if (this.#waiting > 0 || this.#level === 'fine') return
      this.#level = 'fine'
      this.#listener.empty()
    })
  }

  #add(bytes: number): void {
    const { round } = this.#listener
    if (round !== this.#round) {
      this.#round = round
      this.#before = this.bytes - this.#largest
      this.#change = 0
    }
    this.#waiting += bytes
    this.#change += bytes
    this.#largest = Math.max(this.#largest, this.#change)
    if (this.#level === 'fine' && this.#before >= this.#maxBytes / 2) {
      this.#level = 'behind'
      this.#listener.behind()
    }
    if (this.#level === 'behind' && this.#before >= this.#maxBytes) {
      this.#level = 'full'
      this.#listener.full()
    }
  }
}

function bytesOf({ data, options }: OutgoingPacket): number {
  if (options?.wsPreEncodedFrame !== undefined) {
    return options.wsPreEncodedFrame.reduce((sum, part) => sum + part.byteLength, 0)
  }
  if (typeof data === 'string') return data.length
  return data instanceof Uint8Array ? data.byteLength : 0
}
