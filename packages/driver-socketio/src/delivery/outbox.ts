import type { Socket } from 'socket.io'

/** The connection below a socket (engine.io); its events are documented in engine.io's README. */
type Connection = Socket['conn']
type Transport = Connection['transport']

/** A packet on its way out, as `packetCreate` gives it. */
interface OutgoingPacket {
  readonly data?: unknown
  readonly options?: { readonly wsPreEncodedFrame?: readonly Uint8Array[] }
}

/** Told when a socket falls behind and when it has caught up. */
export interface OutboxListener {
  full(): void
  /** Nothing waits any more. */
  empty(): void
}

/** Counts the bytes that wait for one client: those not handed to its transport yet, and those that the transport is still sending. */
export class Outbox {
  #waiting = 0
  #sending = 0
  #isFull = false
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
      if (this.#waiting > 0) return
      if (this.#isFull) this.#listener.empty()
      this.#isFull = false
    })
  }

  #add(bytes: number): void {
    this.#waiting += bytes
    // What one change adds to an empty outbox always fits, however large it is: the bytes before it count.
    if (this.#isFull || this.bytes - bytes < this.#maxBytes) return
    this.#isFull = true
    this.#listener.full()
  }
}

function bytesOf({ data, options }: OutgoingPacket): number {
  if (options?.wsPreEncodedFrame !== undefined) {
    return options.wsPreEncodedFrame.reduce((sum, part) => sum + part.byteLength, 0)
  }
  if (typeof data === 'string') return data.length
  return data instanceof Uint8Array ? data.byteLength : 0
}
