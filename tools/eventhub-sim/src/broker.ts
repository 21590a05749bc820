import rhea, {
  type Connection,
  type Container,
  type EventContext,
  type Receiver,
  type Sender,
  type Session,
} from 'rhea'
import type { EventStore } from './event-store.js'
import { faults, notFound, tooLarge } from './faults.js'
import { parseAddress } from './link-address.js'
import { publicationOf } from './publication.js'
import { Reader } from './reader.js'
import { putToken, readRuntime } from './request-nodes.js'
import type { SasPolicy } from './sas-token.js'

const maxKeyLength = 128

export interface BrokerOptions extends SasPolicy {
  readonly hub: string
  readonly store: EventStore
  readonly maxMessageBytes: number
}

/** The AMQP side: what happens at which link. */
export class Broker {
  readonly container: Container = rhea.create_container({ id: 'eventhub-sim' })
  readonly #options: BrokerOptions
  readonly #audiences = new WeakMap<Connection, string[]>()
  readonly #answers = new WeakMap<Session, Sender>()
  readonly #readers = new Map<Sender, Reader>()
  readonly #publishers = new Set<Receiver>()
  #toThrottle = 0

  constructor(options: BrokerOptions) {
    this.#options = options
    this.container.sasl_server_mechanisms.enable_anonymous()
    this.container.on('receiver_open', (context) => this.#openReceiver(context))
    this.container.on('sender_open', (context) => this.#openSender(context))
    this.container.on('sendable', ({ sender }: EventContext) => sender && this.#readers.get(sender)?.pump())
    this.container.on('message', (context) => this.#take(context))
    this.container.on('sender_close', ({ sender }: EventContext) => sender && this.#readers.delete(sender))
    this.container.on('receiver_close', ({ receiver }: EventContext) => receiver && this.#publishers.delete(receiver))
    this.container.on('disconnected', ({ connection }: EventContext) => this.#forget(connection))
    // Clients that vanish are what this server is for.
    for (const name of [
      'error',
      'protocol_error',
      'connection_error',
      'session_error',
      'sender_error',
      'receiver_error',
    ]) {
      this.container.on(name, () => {})
    }
  }

  throttleNext(count: number): void {
    this.#toThrottle = count
  }

  detachLinks(): void {
    for (const receiver of this.#publishers) receiver.close(faults.detached)
    this.#publishers.clear()
  }

  #openReceiver({ receiver, connection }: EventContext): void {
    if (receiver === undefined) return
    const { address } = receiver.target
    receiver.set_target({ address })
    receiver.set_source(receiver.source)
    const { kind } = this.#parse(address)
    if (kind === 'unknown' || kind === 'reader') receiver.close(notFound(address))
    else if (kind !== 'cbs' && !this.#isAllowed(connection, address)) receiver.close(faults.unauthorized)
    else if (kind === 'hub') this.#publishers.add(receiver)
  }

  #openSender({ sender, session, connection }: EventContext): void {
    if (sender === undefined || session === undefined) return
    const { address } = sender.source
    sender.set_source({ address })
    sender.set_target(sender.target)
    const parsed = this.#parse(address)
    if (parsed.kind === 'cbs' || parsed.kind === 'management') this.#answers.set(session, sender)
    else if (parsed.kind !== 'reader') sender.close(notFound(address))
    else if (!this.#isAllowed(connection, address)) sender.close(faults.unauthorized)
    else {
      const reader = Reader.open(sender, this.#options.store, parsed.partition)
      if (reader === undefined) sender.close(faults.selector)
      else this.#readers.set(sender, reader)
    }
  }

  #take(context: EventContext): void {
    const { receiver, message, delivery, session, connection } = context
    if (!receiver || !message || !delivery || !session) return
    const { kind } = this.#parse(receiver.target.address)
    if (kind === 'hub') {
      this.#publish(context)
      return
    }
    delivery.accept()
    const answer = this.#answers.get(session)
    const sendReply = (reply: object) =>
      answer?.send({
        body: null,
        ...reply,
        ...(message.message_id === undefined ? {} : { correlation_id: message.message_id }),
      })
    if (kind === 'management') sendReply(readRuntime(message, this.#options.hub, this.#options.store))
    if (kind !== 'cbs') return
    const { reply, audience } = putToken(message, this.#options)
    if (audience !== undefined) this.#audiences.set(connection, [...(this.#audiences.get(connection) ?? []), audience])
    sendReply(reply)
  }

  #publish({ receiver, message, delivery }: EventContext): void {
    if (!receiver || !message || !delivery) return
    const { store, maxMessageBytes } = this.#options
    const { messages, partitionKey, bytes } = publicationOf(message, delivery.format)
    if (this.#toThrottle > 0) {
      this.#toThrottle--
      delivery.reject(faults.busy)
    } else if (bytes > maxMessageBytes) delivery.reject(tooLarge(bytes, maxMessageBytes))
    else if ((partitionKey?.length ?? 0) > maxKeyLength) delivery.reject(faults.keyTooLong)
    else {
      const parsed = this.#parse(receiver.target.address)
      const named = parsed.kind === 'hub' ? parsed.partition : undefined
      store.append(named ?? store.choose(partitionKey), partitionKey, messages)
      delivery.accept()
      for (const reader of this.#readers.values()) reader.pump()
    }
  }

  #parse(address: string | undefined) {
    return parseAddress(address, this.#options.hub, this.#options.store.count)
  }

  /** Whether a token that covers the address was put on this connection. */
  #isAllowed(connection: Connection, address: string): boolean {
    const path = address.toLowerCase()
    const audiences = this.#audiences.get(connection) ?? []
    return audiences.some((audience) => {
      const covered = audience.toLowerCase().replace(/^\w+:\/\/[^/]*\/?/, '')
      return path === '$management' || path.startsWith(covered) || `${path}/$management` === covered
    })
  }

  #forget(connection: Connection): void {
    for (const sender of this.#readers.keys()) if (sender.connection === connection) this.#readers.delete(sender)
    for (const receiver of this.#publishers) if (receiver.connection === connection) this.#publishers.delete(receiver)
  }
}
