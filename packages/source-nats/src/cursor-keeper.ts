import { type Clock, EdsError, type Logger, type StartAt } from '@eds/core'
import type { ConsumerDesk } from './consumer-desk.js'
import { type ConsumerInfo, isSameConsumer } from './consumer-info.js'
import { planOpening } from './opening-plan.js'
import { type Restarted, restartConsumer } from './restart.js'
import type { RestartNote } from './restart-note.js'
import type { Anchor, SequenceGuard, Standing } from './sequence-guard.js'

/** A consumer ready to be read from. */
export interface Opened {
  readonly info: ConsumerInfo
  readonly standing: Standing
}

/** What became of a consumer after trouble. `intact`: it goes on with its next delivery; else it was made anew. */
export interface Recovered {
  readonly info: ConsumerInfo
  readonly intact: boolean
  readonly proven: boolean
}

export interface CursorKeeperParts {
  readonly desk: ConsumerDesk
  readonly note: RestartNote
  readonly clock: Clock
  readonly logger: Logger
  readonly takeoverMs: number
}

const takeoverPollMs = 250

/** Brings one consumer to where its reader must go on: when it is opened, and when something went wrong. Rejects with `EdsError`. */
export class CursorKeeper {
  readonly #parts: CursorKeeperParts
  /** A restart was begun and broke off, so that the consumer, if there is one, is of our own making and stands anywhere. */
  #isHalfMade = false

  constructor(parts: CursorKeeperParts) {
    this.#parts = parts
  }

  async open(after: Anchor | undefined, start: StartAt, signal: AbortSignal): Promise<Opened> {
    const { desk, note } = this.#parts
    const info = await this.#unusedInfo(signal)
    const plan = planOpening({ info, after, note: after ? undefined : await note.read(), start })
    if (plan.action === 'create') {
      const created = await desk.create(plan.start)
      return opened(created, { sequence: created.delivered.stream }, true)
    }
    if (plan.action === 'continue' && info) return opened(await desk.bringUpToDate(info), plan.anchor, true)
    const restarted = await this.#restart(plan.anchor, plan.anchor.sequence, info)
    return opened(restarted.info, plan.anchor, restarted.proven)
  }

  /**
   * Finds out whether a consumer whose pull broke is still where its reader is, and makes it anew when it is not.
   *
   * @param created the consumer as the reader knew it
   * @param have stream sequence of the newest message that the pipeline has
   */
  async recover(guard: SequenceGuard, created: number, have: number): Promise<Recovered> {
    const { desk } = this.#parts
    // The pipeline goes on taking and acknowledging meanwhile: the anchor must be of the same moment as `have`.
    const anchor = guard.acknowledged
    const info = await desk.info()
    if (info && !this.#isHalfMade && !isSameConsumer(info, created))
      throw this.#taken('was made anew by another program')
    if (info && info.waiting > 0) throw this.#taken('is being read by another program')
    const isIntact = !this.#isHalfMade && info?.delivered.consumer === guard.consumerSequence && !isEaten(info, guard)
    if (info && isIntact) return { info, intact: true, proven: true }
    const restarted = await this.#restart(anchor, have, info)
    return { ...restarted, intact: false }
  }

  async #restart(anchor: Anchor, have: number, former: ConsumerInfo | undefined): Promise<Restarted> {
    const { desk, note, logger } = this.#parts
    this.#isHalfMade = true
    const restarted = await restartConsumer(desk, note, logger, { anchor, have, former })
    this.#isHalfMade = false
    return restarted
  }

  /**
   * The consumer once nobody waits on it. After a crash the server drops the former reader's request as soon as it notices the
   * broken connection, so a moment of patience tells a crash from a second program.
   */
  async #unusedInfo(signal: AbortSignal): Promise<ConsumerInfo | undefined> {
    const { desk, clock, takeoverMs } = this.#parts
    const deadline = clock.now() + takeoverMs
    for (;;) {
      const info = await desk.info()
      if (!info || info.waiting === 0) return info
      if (signal.aborted || clock.now() >= deadline) throw this.#taken('is being read by another program')
      await clock.sleep(takeoverPollMs, signal)
    }
  }

  #taken(how: string): EdsError {
    const { name, stream } = this.#parts.desk
    return new EdsError('connection', `consumer "${name}" of stream "${stream}" ${how}`, {
      fix: 'stop the other one (an old EDS server, or a second eds with the same sink), or give this sink another name',
    })
  }
}

/** Retention took messages that are delivered and not acknowledged, up to the newest: what came after them may be gone as well. */
export function isEaten(info: ConsumerInfo, guard: SequenceGuard): boolean {
  return info.ackFloor.stream >= guard.received && guard.received > guard.acknowledged.sequence
}

function opened(info: ConsumerInfo, acknowledged: Anchor, proven: boolean): Opened {
  return { info, standing: { acknowledged, nextConsumerSequence: info.delivered.consumer + 1, proven } }
}
