/** Types of TDS messages (MS-TDS 2.2.3.1.1). */
export const messageType = {
  sqlBatch: 0x01,
  rpc: 0x03,
  response: 0x04,
  attention: 0x06,
  bulkLoad: 0x07,
  fedAuthToken: 0x08,
  transaction: 0x0e,
  login: 0x10,
  preLogin: 0x12,
} as const

/** One message: the payload of its packets joined. */
export interface Message {
  readonly type: number
  readonly payload: Buffer
  /** The client wants temp tables, transactions and settings gone first: a connection that comes from a pool. */
  readonly resetConnection: boolean
  /** The client gave the message up halfway: it must not be carried out. */
  readonly ignored: boolean
}

const headerLength = 8
const endOfMessage = 0x01
const ignoreMessage = 0x02
const resetFlags = 0x08 | 0x10

/** Joins what comes from the socket into messages. */
export class MessageAssembler {
  #pending: Buffer = Buffer.alloc(0)
  #payloads: Buffer[] = []
  #reset = false

  /** Takes bytes as they arrive and returns the messages that they complete. */
  push(chunk: Buffer): Message[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const messages: Message[] = []
    for (let packet = this.#nextPacket(); packet; packet = this.#nextPacket()) {
      const status = packet.readUInt8(1)
      this.#reset ||= (status & resetFlags) !== 0
      this.#payloads.push(packet.subarray(headerLength))
      if ((status & endOfMessage) !== 0) messages.push(this.#finish(packet.readUInt8(0), status))
    }
    return messages
  }

  #nextPacket(): Buffer | undefined {
    if (this.#pending.length < headerLength) return undefined
    const length = this.#pending.readUInt16BE(2)
    if (length < headerLength) throw new RangeError('A TDS packet is shorter than its header')
    if (this.#pending.length < length) return undefined
    const packet = this.#pending.subarray(0, length)
    this.#pending = this.#pending.subarray(length)
    return packet
  }

  #finish(type: number, status: number): Message {
    const message: Message = {
      type,
      payload: Buffer.concat(this.#payloads),
      resetConnection: this.#reset,
      ignored: (status & ignoreMessage) !== 0,
    }
    this.#payloads = []
    this.#reset = false
    return message
  }
}

/** Cuts a payload into packets of at most `packetSize` bytes, headers included. */
export function toPackets(type: number, payload: Buffer, packetSize: number): Buffer {
  const room = packetSize - headerLength
  const count = Math.max(1, Math.ceil(payload.length / room))
  const packets: Buffer[] = []
  for (let index = 0; index < count; index += 1) {
    const part = payload.subarray(index * room, (index + 1) * room)
    const header = Buffer.alloc(headerLength)
    header.writeUInt8(type, 0)
    header.writeUInt8(index === count - 1 ? endOfMessage : 0, 1)
    header.writeUInt16BE(part.length + headerLength, 2)
    header.writeUInt8((index + 1) & 0xff, 6)
    packets.push(header, part)
  }
  return Buffer.concat(packets)
}
