import { type Delivery, EdsError, type SourceReader, toEdsError } from '@eds/core'
import type { Msg } from 'nats'
import { AckSubject } from './ack-subject.js'
import { Acknowledger } from './acknowledger.js'
import type { Connection, ConnectionEvent } from './connection.js'
import type { ConsumerDesk } from './consumer-desk.js'
import { isSameConsumer } from './consumer-info.js'
import { type CursorKeeper, isEaten, type Opened, type Recovered } from './cursor-keeper.js'
import { StreamDelivery } from './delivery.js'
import { DeliveryBuffer } from './delivery-buffer.js'
import { foreignGap } from './gap.js'
import { Outstanding } from './outstanding.js'
import { unpackPayload } from './payload.js'
import { parsePosition } from './position.js'
import { PullLine, type PullListener } from './pull-line.js'
import type { PullStatus } from './pull-status.js'
import { RequestPacer } from './request-pacer.js'
import { SequenceGuard } from './sequence-guard.js'
import type { NatsSettings } from './settings.js'
import { missedHeartbeats, repeat, StallWatch } from './stall-watch.js'
import { encodingOf } from './wire-message.js'

export interface ReaderParts {
  readonly connection: Connection
  readonly desk: ConsumerDesk
  readonly keeper: CursorKeeper
  readonly settings: NatsSettings
  /** Closes the reader when it aborts. */
  readonly signal: AbortSignal
}

const pullExpiresMs = 30_000
const healPauseMs = 100
const longestHealPauseMs = 2_000
const closeMs = 1_000

/** Reads one consumer: asks for messages while there is room, judges each, hands them on in chunks, and recovers when trouble shows. */
export class NatsReader implements SourceReader, PullListener {
  readonly #parts: ReaderParts
  readonly #names: { readonly stream: string; readonly consumer: string }
  readonly #ack = new AckSubject()
  readonly #outstanding = new Outstanding()
  readonly #guard: SequenceGuard
  readonly #buffer: DeliveryBuffer
  readonly #acknowledger: Acknowledger
  readonly #pacer: RequestPacer
  readonly #watch: StallWatch
  readonly #stop = new AbortController()
  readonly #stopListening: () => void
  #line: PullLine
  #created: number
  #pending: number
  /** The newest delivery that the server has sent, as its last heartbeat had it. */
  #promised = 0
  #isChecking = false
  #healing: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(parts: ReaderParts, { info, standing }: Opened) {
    const { settings, connection, desk, signal } = parts
    const { clock, bufferBytes, maxAckPending, maxPullBatch } = settings
    this.#parts = parts
    this.#names = { stream: settings.stream, consumer: desk.name }
    this.#guard = new SequenceGuard(this.#outstanding, standing)
    this.#buffer = new DeliveryBuffer(standing.acknowledged.sequence)
    this.#acknowledger = new Acknowledger(connection, this.#guard, this.#outstanding, info.ackPolicy === 'all')
    const limits = {
      bufferBytes,
      maxAckPending: info.maxAckPending > 0 ? info.maxAckPending : maxAckPending,
      maxPullBatch: info.maxBatch > 0 ? Math.min(info.maxBatch, maxPullBatch) : maxPullBatch,
    }
    this.#pacer = new RequestPacer(limits, clock.now())
    this.#created = info.created
    this.#pending = info.pending
    this.#line = this.#newLine()
    this.#watch = this.#newWatch()
    this.#stopListening = connection.listen((event) => this.#onConnection(event))
    signal.addEventListener('abort', () => void this.close(), { signal: this.#stop.signal })
    void repeat(clock, info.ackWaitMs / 4, this.#stop.signal, () => this.#acknowledger.keepAlive())
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

  onDelivery(message: Msg): void {
    this.#watch.alive()
    this.#pacer.delivered()
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
        this.#fail(foreignGap(this.#names.stream, this.#ack.sequence))
        break
      case 'seen':
    }
    if (!this.#line.isOpen) this.#requestMore()
  }

  /** Deliveries that got lost on the way leave no gap to see until the next one comes: two heartbeats tell of them sooner. */
  onHeartbeat(lastDelivery: number): void {
    this.#watch.alive()
    if (this.#guard.consumerSequence < this.#promised) this.#heal('a delivery did not arrive')
    this.#promised = lastDelivery
  }

  onStatus(status: Exclude<PullStatus, 'alive'>, text: string): void {
    this.#watch.alive()
    if (status === 'too-large') this.#pacer.tooLarge()
    if (status === 'busy' || status === 'gone') this.#heal(text)
    if (status === 'refused') this.#fail(this.#refusal(text))
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
    const payload = unpackPayload(message.data, encodingOf(message), this.#parts.settings.maxUnpackedBytes)
    this.#buffer.push(new StreamDelivery(sequence, time, payload))
  }

  #requestMore(): void {
    if (this.#isIdle || this.#line.isOpen || this.#isChecking) return
    const now = this.#parts.settings.clock.now()
    const { size: heldMessages, bytes: heldBytes } = this.#buffer
    const decision = this.#pacer.decide({ heldMessages, heldBytes, outstanding: this.#outstanding.size, now })
    if (decision.action === 'check') void this.#checkRetention()
    if (decision.action !== 'request') return
    this.#watch.alive()
    this.#line.request(decision.messages, decision.maxBytes)
  }

  /**
   * While nothing is asked for, the stream's retention may pass the place where reading stands, and the server would go on behind the
   * hole without a word. But it counts an outstanding message that retention removed as acknowledged, and so gives it away.
   */
  async #checkRetention(): Promise<void> {
    this.#isChecking = true
    try {
      const info = await this.#parts.desk.info()
      if (!info || !isSameConsumer(info, this.#created)) this.#heal('the consumer is gone')
      else if (isEaten(info, this.#guard)) this.#heal('retention reached the messages being delivered')
      else this.#pacer.checked(this.#parts.settings.clock.now())
    } catch (error) {
      this.#heal(toEdsError(error).message)
    } finally {
      this.#isChecking = false
      this.#requestMore()
    }
  }

  #heal(why: string): void {
    if (this.#isIdle) return
    this.#parts.settings.logger.info({ ...this.#names, why }, 'reading was interrupted, recovering')
    this.#acknowledger.suspend()
    this.#line.close()
    this.#healing = this.#recover().finally(() => {
      this.#healing = undefined
      this.#requestMore()
    })
  }

  async #recover(): Promise<void> {
    const { clock, healMs } = this.#parts.settings
    const deadline = clock.now() + healMs
    for (let pauseMs = healPauseMs; !this.#hasStopped; pauseMs = Math.min(pauseMs * 2, longestHealPauseMs)) {
      try {
        this.#resume(await this.#parts.keeper.recover(this.#guard, this.#created, this.#buffer.delivered))
        return
      } catch (error) {
        const failure = toEdsError(error)
        if (!failure.retryable || clock.now() >= deadline) this.#fail(failure)
      }
      await clock.sleep(pauseMs, this.#stop.signal)
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
    this.#promised = 0
    this.#pacer.checked(this.#parts.settings.clock.now())
    this.#line = this.#newLine()
    this.#acknowledger.resume()
    this.#parts.settings.logger.info({ ...this.#names, intact }, 'reading goes on')
  }

  #newLine(): PullLine {
    const { heartbeatMs } = this.#parts.settings
    const expiresMs = Math.max(pullExpiresMs, missedHeartbeats * heartbeatMs)
    return new PullLine(this.#parts.connection, { ...this.#names, expiresMs, heartbeatMs }, this)
  }

  #newWatch(): StallWatch {
    const { settings, connection } = this.#parts
    return new StallWatch({
      clock: settings.clock,
      heartbeatMs: settings.heartbeatMs,
      patienceMs: settings.healMs,
      signal: this.#stop.signal,
      isConnected: () => connection.isUp,
      isWaiting: () => this.#line.isOpen,
      onStall: () => this.#heal('no heartbeat'),
      onUnreachable: () => this.#fail(new EdsError('connection', `NATS at ${connection.where} cannot be reached`)),
    })
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

  #refusal(text: string): EdsError {
    const { stream, consumer } = this.#names
    return new EdsError('configuration', `consumer "${consumer}" of stream "${stream}" refuses requests: ${text}`, {
      fix: 'lower maxPullBatch, or delete that consumer',
    })
  }

  /** The pipeline gets the error once it has taken what is there. */
  #fail(error: EdsError): void {
    if (this.#hasStopped) return
    this.#end()
    this.#buffer.fail(error)
  }

  async #close(): Promise<void> {
    this.#end()
    this.#buffer.end()
    // Whatever is being made anew must be done with before somebody opens the cursor again.
    await this.#healing
    const { connection, settings } = this.#parts
    if (connection.isUp) await Promise.race([connection.flush().catch(() => {}), settings.clock.sleep(closeMs)])
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
}
