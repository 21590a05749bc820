import { type ChangeEvent, isEdsError, type WriteFailure } from '@eds/core'
import { demand } from '../conformance/violation.js'
import { type DriverSession, describeFailures } from './driver-session.js'

/**
 * Writes batches the way a lane does when events are refused: sets the refused one aside, keeps partial changes of its row behind
 * it, and goes on with the rest. By index when the driver names the event, by halving when it does not.
 */
export class IsolatingWriter {
  readonly applied: ChangeEvent[] = []
  /** Event → the driver's reason. */
  readonly refused = new Map<ChangeEvent, string>()
  /** Partial changes of rows in which an earlier change was refused: not written, because they would build on what is missing. */
  readonly parked: ChangeEvent[] = []
  readonly #session: DriverSession
  readonly #blockedRows = new Set<string>()

  constructor(session: DriverSession) {
    this.#session = session
  }

  /** Writes one batch. Any error but `record` is thrown on. */
  async write(events: readonly ChangeEvent[]): Promise<void> {
    const admitted = events.filter((event) => this.#admit(event))
    if (admitted.length === 0) return
    try {
      const { failures = [] } = await this.#session.write(admitted)
      await this.#handleFailures(admitted, failures)
    } catch (error) {
      if (!isEdsError(error) || error.code !== 'record') throw error
      await this.#handleRejection(admitted, error.index, error.message)
    }
  }

  /** A row with a refused change takes only what does not build on it: whole images and deletes. */
  #admit(event: ChangeEvent): boolean {
    if (!this.#blockedRows.has(event.rowKey)) return true
    if (!this.#session.carriesWholeRow(event)) {
      this.parked.push(event)
      return false
    }
    this.#blockedRows.delete(event.rowKey)
    return true
  }

  async #handleFailures(events: readonly ChangeEvent[], failures: readonly WriteFailure[]): Promise<void> {
    const failed = new Map(failures.map(({ index, error }) => [events[index], error] as const))
    demand(!failed.has(undefined), () => `a failure's index is outside the batch: ${describeFailures(failures)}`)
    const behind: ChangeEvent[] = []
    for (const event of events) {
      const error = failed.get(event)
      if (error === undefined) this.applied.push(event)
      else if (this.#blockedRows.has(event.rowKey)) behind.push(event)
      else this.#refuse(event, error.message)
    }
    // What stands behind a failed event of its row was not applied, and may well be fine itself.
    await this.write(behind)
  }

  async #handleRejection(events: readonly ChangeEvent[], index: number | undefined, reason: string): Promise<void> {
    const [only] = events
    if (events.length === 1 && only !== undefined) return this.#refuse(only, reason)
    if (index !== undefined) {
      const refused = events[index]
      demand(
        refused !== undefined,
        `write rejected with the index ${index}, which is outside the batch of ${events.length}`,
      )
      this.#refuse(refused, reason)
      return this.write(events.filter((event) => event !== refused))
    }
    const middle = events.length >> 1
    await this.write(events.slice(0, middle))
    await this.write(events.slice(middle))
  }

  #refuse(event: ChangeEvent, reason: string): void {
    this.refused.set(event, reason)
    this.#blockedRows.add(event.rowKey)
  }
}
