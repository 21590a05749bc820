import { type Clock, type Delivery, EdsError, type Logger, type SourceReader, toEdsError } from '@eds/core'
import type { Msg, MsgHdrs } from 'nats'
import { AckSubject } from './ack-subject.js'
import { Acknowledger } from './acknowledger.js'
import type { Connection, ConnectionEvent } from './connection.js'
import type { ConsumerDesk } from './consumer-desk.js'
import { type CursorKeeper, isEaten, type Opened, type Recovered } from './cursor-keeper.js'
import { StreamDelivery } from './delivery.js'
import { DeliveryBuffer } from './delivery-buffer.js'
import { foreignGap } from './gap.js'
import { Outstanding } from './outstanding.js'
import { type Payload, unpackPayload } from './payload.js'
import { parsePosition } from './position.js'
import { PullLine, type PullListener } from './pull-line.js'
import type { PullStatus } from './pull-status.js'
import { SequenceGuard } from './sequence-guard.js'
import type { NatsSettings } from './settings.js'

export interface ReaderParts {
  readonly connection: Connection
  readonly desk: ConsumerDesk
  readonly keeper: CursorKeeper
  readonly settings: NatsSettings
}

const pullExpiresMs = 30_000
const missedHeartbeats = 3
const retentionCheckMs = 1_000
const healPauseMs = 100
const longestHealPauseMs = 2_000
const closeMs = 1_000

/** Reads one consumer: asks for messages while there is room, judges each, hands them on in chunks, and recovers when trouble shows. */
export class NatsReader implements SourceReader, PullListener {
  readonly #parts: ReaderParts
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #ack = new AckSubject()
  readonly #outstanding = new Outstanding()
  readonly #guard: SequenceGuard
  readonly #buffer: DeliveryBuffer
  readonly #acknowledger: Acknowledger
  readonly #stop = new AbortController()
  readonly #stopListening: () => void
  readonly #maxAckPending: number
  readonly #maxPullBatch: number
  #created: string
  #line: PullLine
  #pending: number
  #healing: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #checking = false
  /** When it was last known that retention had not reached the newest message. */
  #checkedAt: number
  #lostAt: number | undefined
  /** Heartbeats due since the last sign of life. */
  #silence = 0
  /** The open request has brought something. */
  #gotSome = false
  /** The next message is larger than the buffer. */
  #isOversized = false

  constructor(parts: ReaderParts, { info, standing }: Opened) {
    const { settings, connection } = parts
    this.#parts = parts
    this.#clock = settings.clock
    this.#logger = settings.logger
    this.#guard = new SequenceGuard(this.#outstanding, standing)
    this.#buffer = new DeliveryBuffer(standing.acknowledged.sequence)
    this.#acknowledger = new Acknowledger(connection, this.#guard, this.#outstanding, info.ackPolicy === 'all')
    this.#maxAckPending = info.maxAckPending > 0 ? info.maxAckPending : settings.maxAckPending
    this.#maxPullBatch = Math.min(settings.maxPullBatch, info.maxBatch > 0 ? info.maxBatch : settings.maxPullBatch)
    this.#created = info.created
    this.#pending = info.pending
    this.#checkedAt = this.#clock.now()
    this.#line = this.#newLine()
    this.#stopListening = connection.listen((event) => this.#onConnection(event))
    void this.#watch()
    void this.#keepAlive(info.ackWaitMs / 4)
    this.#requestMore()
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly Delivery[]> {
    return {
      next: () => this.#next(),
      return: async () => {
        await this.close()
        return { done: true, value: undefined }
      },
    }
  }

  async acknowledge(through: Delivery): Promise<void> {
    this.#acknowledger.acknowledge(parsePosition(through.position))
    this.#requestMore()
  }

  behind(): number {
    return this.#pending + this.#buffer.size
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#end()
    this.#buffer.end()
    // Whatever is being made anew must be done with before somebody opens the cursor again.
    await this.#healing
    const { connection } = this.#parts
    if (connection.isUp) await Promise.race([connection.flush().catch(() => {}), this.#clock.sleep(closeMs)])
  }

  onDelivery(message: Msg): void {
    this.#silence = 0
    this.#gotSome = true
    const reply = message.reply ?? ''
    this.#ack.read(reply)
    switch (this.#guard.judge(this.#ack, reply)) {
      case 'new':
        this.#accept(message, reply)
        break
      case 'done':
        this.#acknowledger.acknowledgeAgain(reply)
        break
      case 'lost':
        this.#heal('a delivery was lost')
        break
      case 'foreign':
        this.#fail(foreignGap(this.#parts.settings.stream, this.#ack.sequence))
        break
      case 'seen':
    }
    if (!this.#line.isOpen) this.#requestMore()
  }

  onStatus(status: PullStatus, text: string): void {
    this.#silence = 0
    if (status === 'alive') return
    if (status === 'refused') this.#fail(this.#refusal(text))
    if (status === 'busy' || status === 'gone') this.#heal(text)
    if (status === 'too-large' && !this.#gotSome) this.#isOversized = true
    this.#requestMore()
  }

  onRefused(error: EdsError): void {
    this.#fail(error)
  }

  async #next(): Promise<IteratorResult<readonly Delivery[]>> {
    const chunk = await this.#buffer.next()
    if (!chunk) return { done: true, value: undefined }
    this.#requestMore()
    return { done: false, value: chunk }
  }

  #accept(message: Msg, reply: string): void {
    const { sequence, time, pending } = this.#ack
    this.#pending = pending
    this.#outstanding.push(sequence, time, reply)
    this.#buffer.push(new StreamDelivery(sequence, time, this.#payloadOf(message)))
  }

  #payloadOf(message: Msg): Payload {
    const { headers } = message
    if (headers === undefined) return { bytes: message.data }
    return unpackPayload(message.data, encodingOf(headers), this.#parts.settings.maxUnpackedBytes)
  }

  /** Asks for the next messages when no request is open and there is room for at least half a buffer. */
  #requestMore(): void {
    if (this.#isIdle || this.#line.isOpen || this.#checking) return
    const { bufferBytes } = this.#parts.settings
    const messages = Math.min(this.#maxPullBatch, this.#maxAckPending - this.#outstanding.size)
    if (messages <= 0 || this.#buffer.bytes * 2 > bufferBytes) return
    if (this.#isOversized && this.#buffer.size > 0) return
    if (this.#outstanding.size > 0 && this.#clock.now() - this.#checkedAt >= retentionCheckMs) {
      void this.#checkRetention()
      return
    }
    this.#silence = 0
    this.#gotSome = false
    if (this.#isOversized) this.#line.request(1)
    else this.#line.request(messages, bufferBytes - this.#buffer.bytes)
    this.#isOversized = false
  }

  /**
   * While nothing is asked for, the stream's retention may pass the place where reading stands, and the server would go on behind the
   * hole without a word. But it counts an outstanding message that retention removed as acknowledged, and so gives it away.
   */
  async #checkRetention(): Promise<void> {
    this.#checking = true
    try {
      const info = await this.#parts.desk.info()
      if (!info || info.created !== this.#created) return this.#heal('the consumer is gone')
      if (isEaten(info, this.#guard)) return this.#heal('retention reached the messages being delivered')
      this.#checkedAt = this.#clock.now()
    } catch (error) {
      this.#heal(toEdsError(error).message)
    } finally {
      this.#checking = false
      this.#requestMore()
    }
  }

  #heal(why: string): void {
    if (this.#isIdle) return
    this.#logger.info({ ...this.#names, why }, 'reading was interrupted, recovering')
    this.#acknowledger.suspend()
    this.#line.close()
    this.#healing = this.#recover().finally(() => {
      this.#healing = undefined
      this.#requestMore()
    })
  }

  async #recover(): Promise<void> {
    const deadline = this.#clock.now() + this.#parts.settings.healMs
    for (let pauseMs = healPauseMs; !this.#hasStopped; pauseMs = Math.min(pauseMs * 2, longestHealPauseMs)) {
      try {
        return this.#resume(await this.#parts.keeper.recover(this.#guard, this.#created, this.#buffer.delivered))
      } catch (error) {
        const failure = toEdsError(error)
        if (!failure.retryable || this.#clock.now() >= deadline) return this.#fail(failure)
      }
      await this.#clock.sleep(pauseMs, this.#stop.signal)
    }
  }

  #resume({ info, intact, proven }: Recovered): void {
    if (this.#hasStopped) return
    const { delivered } = this.#buffer
    if (!intact) {
      this.#buffer.clear()
      this.#guard.restart(info.delivered.consumer + 1, delivered, proven)
      this.#outstanding.restart(delivered)
    }
    this.#created = info.created
    this.#checkedAt = this.#clock.now()
    this.#line = this.#newLine()
    this.#acknowledger.resume()
    this.#logger.info({ ...this.#names, intact }, 'reading goes on')
  }

  /** Notices silence: an open request without heartbeats, a connection that does not come back. */
  async #watch(): Promise<void> {
    const { heartbeatMs, healMs } = this.#parts.settings
    while (!this.#hasStopped) {
      await this.#clock.sleep(heartbeatMs, this.#stop.signal)
      const now = this.#clock.now()
      if (this.#parts.connection.isUp) {
        this.#lostAt = undefined
        if (this.#line.isOpen && ++this.#silence >= missedHeartbeats) this.#heal('no heartbeat')
      } else {
        this.#lostAt ??= now
        if (now - this.#lostAt >= healMs) this.#fail(this.#unreachable())
      }
    }
  }

  async #keepAlive(everyMs: number): Promise<void> {
    while (!this.#hasStopped) {
      await this.#clock.sleep(everyMs, this.#stop.signal)
      if (!this.#hasStopped) this.#acknowledger.keepAlive()
    }
  }

  #onConnection(event: ConnectionEvent): void {
    if (event.kind === 'back') this.#heal('the connection was lost')
    if (event.kind === 'closed') this.#fail(event.error)
    if (event.kind === 'denied' && this.#concerns(event.subject)) this.#fail(event.error)
  }

  #concerns(subject: string): boolean {
    const { stream, consumer } = this.#names
    return subject.startsWith('$JS.') && `${subject}.`.includes(`.${stream}.${consumer}.`)
  }

  #newLine(): PullLine {
    const heartbeatMs = this.#parts.settings.heartbeatMs
    const expiresMs = Math.max(pullExpiresMs, missedHeartbeats * heartbeatMs)
    return new PullLine(this.#parts.connection, { ...this.#names, expiresMs, heartbeatMs }, this)
  }

  /** The pipeline gets the error once it has taken what is there. */
  #fail(error: EdsError): void {
    if (this.#hasStopped) return
    this.#end()
    this.#buffer.fail(error)
  }

  #end(): void {
    this.#stop.abort()
    this.#stopListening()
    this.#line.close()
  }

  get #hasStopped(): boolean {
    return this.#stop.signal.aborted
  }

  get #isIdle(): boolean {
    return this.#hasStopped || this.#healing !== undefined
  }

  get #names(): { readonly stream: string; readonly consumer: string } {
    return { stream: this.#parts.settings.stream, consumer: this.#parts.desk.name }
  }

  #refusal(text: string): EdsError {
    const { stream, consumer } = this.#names
    return new EdsError('configuration', `consumer "${consumer}" of stream "${stream}" refuses requests: ${text}`, {
      fix: 'lower maxPullBatch, or delete that consumer',
    })
  }

  #unreachable(): EdsError {
    return new EdsError('connection', `NATS at ${this.#parts.connection.where} cannot be reached`)
  }
}

function encodingOf(headers: MsgHdrs): string {
  for (const [name, values] of headers) if (name.toLowerCase() === 'content-encoding') return values[0] ?? ''
  return ''
}
