import type { ChangeEvent, Position, Row } from '@eds/core'
import { advanceRow, type Ledger } from './ledger.js'
import type { SinkScenario } from './scenario.js'
import { isWaiting, type LetterDisk } from './simulated-dead-letters.js'
import { type LedgerEvent, maskedUser } from './workload.js'
import type { World } from './world.js'

/** How a destination refuses an event that it can never take. */
export type Refusal = 'failure' | 'index' | 'no index' | 'unknown error'

/** What one sink has stored, and the oracle that watches over it. Outlives every process. */
export class SimulatedDestination {
  readonly sink: SinkScenario
  readonly letters: LetterDisk = new Map()
  readonly applied = new Set<Position>()
  /** Row → its contents now. */
  readonly rows = new Map<string, Row>()
  /** Row → number of the event that was applied to it last. */
  readonly versions = new Map<string, number>()
  /** How often a write with this event ended in an error that nobody knows. */
  readonly unknownErrors = new Map<Position, number>()
  readonly #world: World
  readonly #ledger: Ledger
  readonly #refusals = new Map<Position, Refusal>()
  #repaired = false

  constructor(world: World, ledger: Ledger, sink: SinkScenario) {
    this.#world = world
    this.#ledger = ledger
    this.sink = sink
    this.#choosePoison()
  }

  /** How the destination refuses this event; `undefined` when it takes it. */
  refusalOf(position: Position): Refusal | undefined {
    return this.#repaired ? undefined : this.#refusals.get(position)
  }

  /** From now on everything is taken. */
  repair(): void {
    this.#repaired = true
  }

  /** True when the event could never be taken, before a repair. */
  isPoison(position: Position): boolean {
    return this.#refusals.has(position)
  }

  noteUnknownError(events: readonly ChangeEvent[]): void {
    for (const { position } of events) this.unknownErrors.set(position, (this.unknownErrors.get(position) ?? 0) + 1)
  }

  /** Stores one event, durably. */
  apply(event: ChangeEvent): void {
    const { name } = this.sink
    const entry = this.#ledger.at(event.position)
    if (entry === undefined || entry.rowKey === undefined || entry.fate !== 'sound') {
      this.#world.violate(`${name}: event ${event.position} was applied, which is ${entry?.fate ?? 'unknown'}`)
      return
    }
    this.#checkBytes(event, entry)
    this.#checkOrder(entry)
    this.#world.trace.add(() => `${name}: applied ${entry.position} ${describe(entry)}`)
    this.applied.add(entry.position)
    this.versions.set(entry.rowKey, entry.sequence)
    const row = advanceRow(this.rows.get(entry.rowKey), entry)
    if (row === undefined) this.rows.delete(entry.rowKey)
    else this.rows.set(entry.rowKey, row)
  }

  /** Bytes arrive as they were published, unless a stage makes them anew; then what it takes out is nowhere in them. */
  #checkBytes({ bytes, position }: ChangeEvent, entry: LedgerEvent): void {
    const { masks } = this.#world.scenario
    const isRight = masks ? !Buffer.from(bytes).includes(maskedUser) : Buffer.compare(bytes, entry.bytes) === 0
    if (!isRight) this.#world.violate(`${this.sink.name}: event ${position} arrived with the wrong bytes`)
  }

  /** Nothing of a row is applied before, or on top of, an earlier change that is still to be settled. */
  #checkOrder(entry: LedgerEvent): void {
    const isNew = !this.applied.has(entry.position)
    for (const earlier of this.#ledger.before(entry)) {
      if (earlier.fate === 'skipped') continue
      const letter = this.letters.get(earlier.position)
      if (letter === undefined && isNew && !this.applied.has(earlier.position)) {
        this.#world.violate(
          `${this.sink.name}: event ${entry.position} was applied before ${earlier.position} of the same row`,
        )
      }
      if (letter && isWaiting(letter) && !entry.whole && !this.#wasRepaired(earlier, entry)) {
        this.#world.violate(
          `${this.sink.name}: event ${entry.position} was applied on top of dead letter ${earlier.position}`,
        )
      }
    }
  }

  /** True when what the earlier one did not do no longer shows: it was applied after all, or a whole image was since. */
  #wasRepaired(earlier: LedgerEvent, entry: LedgerEvent): boolean {
    const shown = this.versions.get(entry.rowKey ?? '') ?? 0
    if (this.applied.has(earlier.position) && shown >= earlier.sequence) return true
    return this.#ledger
      .before(entry)
      .some(({ sequence, whole, position }) => sequence >= earlier.sequence && whole && this.applied.has(position))
  }

  #choosePoison(): void {
    const { random } = this.#world
    let unknownErrors = 0
    for (const { position } of this.#ledger.events) {
      if (!random.chance(this.sink.poison)) continue
      const refusal = random.pick(['failure', 'failure', 'index', 'no index', 'unknown error'])
      // More of them in a row would be taken for a broken destination.
      if (refusal === 'unknown error' && ++unknownErrors > 2) continue
      this.#refusals.set(position, refusal)
    }
  }
}

function describe({ operation, rowKey = '', after, whole }: LedgerEvent): string {
  const images = after ? JSON.stringify(after) : ''
  return `${operation}${whole ? '' : ' (partial)'} ${rowKey.replace('\0', '/')} ${images}`
}
