import type { ColumnPlan } from './column-plan.js'

/** Which columns some rows carry, and what follows from it. */
export interface ColumnSet {
  /** Indexes into the plan's columns, ascending; the key columns are always among them. */
  readonly columns: readonly number[]
  /** True when a row of these columns can be inserted: nothing is missing that may not be null. */
  readonly insertable: boolean
  /** Marks the rows of this set among those that are staged; no other set or plan of the driver has it. */
  readonly id: number
}

/** Gives out numbers that are never given out again. */
export type NextId = () => number

/** So many different partial images of one table are rather a stream of new ones than a set worth keeping. */
const maxKept = 500

/** The column sets of one table, each made once. */
export class ColumnSets {
  readonly #columns: readonly ColumnPlan[]
  readonly #sets = new Map<string, ColumnSet>()
  readonly #permanent = new Map<string, ColumnSet>()
  readonly #nextId: NextId

  constructor(columns: readonly ColumnPlan[], nextId: NextId) {
    this.#columns = columns
    this.#nextId = nextId
  }

  /** `present`: index of the column → whether the rows carry it. */
  of(present: readonly boolean[]): ColumnSet {
    const mask = maskOf(present)
    const known = this.#permanent.get(mask) ?? this.#sets.get(mask)
    if (known !== undefined) return known
    const columns = [...present.keys()].filter((index) => present[index])
    const insertable = this.#columns.every(({ mandatory }, index) => !mandatory || present[index])
    const made = { columns, insertable, id: this.#nextId() }
    if (this.#sets.size >= maxKept) this.#sets.clear()
    this.#sets.set(mask, made)
    return made
  }

  /** Never forget this one. */
  keep(set: ColumnSet): void {
    const present = this.#columns.map((_, index) => set.columns.includes(index))
    this.#permanent.set(maskOf(present), set)
  }
}

function maskOf(present: readonly boolean[]): string {
  let mask = ''
  for (const is of present) mask += is ? '1' : '0'
  return mask
}
