import { type Delivery, EdsError } from '@eds/core'
import type { LogDump } from './dump.js'
import { eventType, isBegin, type LogEvent, readQuery, readRotate } from './log-event.js'
import { fileNumber, type LogPlace } from './log-place.js'

export interface HeldTransactionOptions {
  /** Beyond this the log is asked whether the transaction is whole. */
  readonly bufferBytes: number
  /** Whether the log holds all of the transaction that begins at a place. */
  readonly isWhole: (place: LogPlace) => Promise<boolean>
  /** Told how many changes of a transaction were left out because the log was cut off. */
  readonly onCut: (changes: number) => void
}

/**
 * The changes of a transaction until the log says that it was committed. MariaDB leaves in the log what it had written of a transaction when
 * it was killed, and rolls the transaction back: these changes never were.
 */
export class HeldTransaction {
  readonly #options: HeldTransactionOptions
  #changes: Delivery[] = []
  #bytes = 0
  /** Of a transaction that is too large to be held. */
  #verdict: Fate | undefined
  #leftOut = 0

  constructor(options: HeldTransactionOptions) {
    this.#options = options
  }

  /** Takes the changes of an event in the transaction that begins at a place. Gives those that are certain by now. */
  async add(changes: readonly Delivery[], begin: LogPlace): Promise<readonly Delivery[]> {
    for (const change of changes) {
      this.#changes.push(change)
      this.#bytes += change.bytes.length
    }
    if (this.#bytes < this.#options.bufferBytes) return []
    this.#verdict ??= (await this.#options.isWhole(begin)) ? 'whole' : 'cut'
    return this.#settle(this.#verdict)
  }

  /** The transaction is over. Gives what it held of changes that were made. */
  end(fate: Fate): readonly Delivery[] {
    const changes = this.#settle(fate)
    if (this.#leftOut > 0) this.#options.onCut(this.#leftOut)
    this.#verdict = undefined
    this.#leftOut = 0
    return changes
  }

  #settle(fate: Fate): readonly Delivery[] {
    const changes = this.#changes
    this.#changes = []
    this.#bytes = 0
    if (fate === 'whole') return changes
    this.#leftOut += changes.length
    return []
  }
}

/** What became of a transaction. */
export type Fate = 'whole' | 'cut'

/** What an event says of the transaction in front of it in a file; undefined: nothing. */
export function fateOf(event: LogEvent, file: number): Fate | undefined {
  if (isBegin(event)) return 'whole'
  switch (event.type) {
    case eventType.xid:
    case eventType.stop:
      return 'whole'
    case eventType.query:
      return /^(?:commit|rollback)$/i.test(readQuery(event).text) ? 'whole' : undefined
    case eventType.rotate:
      // A file that was closed ends with one of its own. The server makes one up for the beginning of each file that it sends.
      if (event.nextPosition !== 0) return 'whole'
      return fileNumber(readRotate(event).file) === file ? undefined : 'cut'
    default:
      return undefined
  }
}

/** Whether a log that is read from the beginning of a transaction holds all of it. Rejects as the log does. */
export async function isWhole(dump: LogDump, { file }: LogPlace, signal: AbortSignal): Promise<boolean> {
  let begun = false
  for (;;) {
    const event = await dump.next(signal)
    if (event === undefined) throw new EdsError('connection', 'MySQL: reading ahead in the binary log was given up')
    const fate = begun || event.type === eventType.rotate ? fateOf(event, file) : undefined
    if (fate !== undefined) return fate === 'whole'
    begun ||= isBegin(event)
  }
}
