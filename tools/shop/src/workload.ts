import type { Operation } from '@eds/core'
import { ShopClock } from './clock.js'
import type { HostileClass } from './hostile.js'
import { fullImage, partialImage } from './images.js'
import { type Identity, type LiveRow, LiveTable, type LiveVersion, type ValueContext } from './live-table.js'
import type { WorkloadPlan } from './options.js'
import { Random } from './random.js'

const none: readonly never[] = []
/** Share of the stream over which two versions of a table's schema occur side by side. */
const overlap = 0.06
/** A table that keeps fewer rows would hardly see updates. */
const minimumCapacity = 8
const shadow = ',"_shadow":"not in any schema"'

/** A change before it is written down. */
export interface Change {
  readonly operation: Operation
  readonly table: LiveTable
  readonly row: LiveRow
  readonly version: LiveVersion
  readonly before: string | undefined
  readonly after: string | undefined
  readonly diff: readonly number[]
  readonly partial: boolean
  readonly reinsert: boolean
  readonly hostile: readonly HostileClass[]
}

/** Decides what happens in the shop, one change at a time. */
export class Workload {
  readonly random: Random
  readonly clock: ShopClock
  readonly #plan: WorkloadPlan
  /** Each table as often as its weight says. */
  readonly #lots: readonly LiveTable[]

  constructor(plan: WorkloadPlan) {
    this.#plan = plan
    this.random = new Random(plan.seed)
    this.clock = new ShopClock(plan.startTime)
    this.#lots = lots(plan)
  }

  /** The next change, at the clock's next time; `progress` is the part of the workload that is done, 0 to 1. */
  next(progress: number): Change {
    this.clock.advance(this.random)
    const { random } = this
    const table = random.pick(this.#lots)
    const version = this.#version(table, progress)
    const draw = random.uint32() / 0x1_0000_0000
    if (table.rows.length === 0 || draw < this.#plan.inserts) return this.#insert(table, version)
    return draw < this.#plan.inserts + this.#plan.updates ? this.#update(table, version) : this.#delete(table, version)
  }

  /** Each version rules a third of the stream, more or less; around a change both occur, as from several writers. */
  #version(table: LiveTable, progress: number): LiveVersion {
    const { versions } = table
    const shift = (this.#lots.indexOf(table) / this.#lots.length - 0.5) * 0.2
    const blur = (this.random.uint32() / 0x1_0000_0000 - 0.5) * overlap
    const place = Math.min(Math.max(Math.floor((progress + shift + blur) * versions.length), 0), versions.length - 1)
    return versions[place] as LiveVersion
  }

  #insert(table: LiveTable, version: LiveVersion): Change {
    const { random } = this
    const reinsert = table.graveyard.length > 0 && random.chance(0.2)
    const identity = (reinsert ? table.exhume(random) : undefined) ?? this.#newIdentity(table)
    const row = table.insert(identity, version, this.#context(identity))
    if (this.#plan.hostile && random.chance(0.06)) table.poison(row, range(version.columnCount), random)
    const after = fullImage(table, row, version, this.#unknownColumn())
    const change = { operation: 'INSERT', table, row, version, before: undefined, after, diff: none } as const
    return { ...change, partial: false, reinsert, hostile: hostileIn(row, version) }
  }

  #update(table: LiveTable, version: LiveVersion): Change {
    const { random } = this
    const row = table.rows[table.pickIndex(random)] as LiveRow
    const before = fullImage(table, row, version, '')
    const diff = table.update(row, version, this.#context(row))
    if (this.#plan.hostile && random.chance(0.06)) table.poison(row, diff, random)
    const partial = random.chance(this.#plan.partialUpdates)
    const after = partial ? this.#partial(table, row, diff) : fullImage(table, row, version, this.#unknownColumn())
    const hostile = hostileIn(row, version, partial ? diff : undefined)
    return { operation: 'UPDATE', table, row, version, before, after, diff, partial, reinsert: false, hostile }
  }

  /** Most partial images repeat the primary key; a quarter leave it to the event's key. */
  #partial(table: LiveTable, row: LiveRow, diff: readonly number[]): string {
    const keys = this.random.chance(0.75) ? range(row.key.length) : none
    return partialImage(table, row, [...keys, ...diff])
  }

  #delete(table: LiveTable, version: LiveVersion): Change {
    const index = table.pickIndex(this.random)
    const row = table.rows[index] as LiveRow
    table.remove(index)
    const before = fullImage(table, row, version, '')
    const change = { operation: 'DELETE', table, row, version, before, after: undefined, diff: none } as const
    return { ...change, partial: false, reinsert: false, hostile: row.odd ? ['oddKey'] : none }
  }

  /** Rows sometimes hold a column that no schema names. */
  #unknownColumn(): string {
    return this.random.chance(0.02) ? shadow : ''
  }

  #newIdentity(table: LiveTable): Identity {
    const odd = this.#plan.hostile && this.random.chance(0.02)
    return {
      key: table.newKey(this.random, odd),
      odd,
      company: this.random.below(this.#plan.companies.length),
      location: this.random.below(2),
    }
  }

  #context({ company, location }: Pick<LiveRow, 'company' | 'location'>): ValueContext {
    const companyId = this.#plan.companies[company] as string
    return { random: this.random, now: `"${this.clock.dateTime()}"`, companyId, locationId: `${companyId}-${location}` }
  }
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index)
}

/** Hostile values that a destination has to store: those in the image, and an odd key. */
function hostileIn(row: LiveRow, version: LiveVersion, columns?: readonly number[]): readonly HostileClass[] {
  if (row.hostile === undefined && !row.odd) return none
  const found = new Set<HostileClass>(row.odd ? ['oddKey'] : none)
  for (const [index, hostileClass] of row.hostile ?? none) {
    if (columns === undefined ? index < version.columnCount : columns.includes(index)) found.add(hostileClass)
  }
  return [...found]
}

function lots({ definitions, liveRows, rowBytes }: WorkloadPlan): LiveTable[] {
  const total = definitions.reduce((sum, { weight }) => sum + weight, 0)
  return definitions.flatMap((definition) => {
    const capacity = Math.max(minimumCapacity, Math.floor((liveRows * definition.weight) / total))
    const table = new LiveTable(definition, rowBytes, { capacity, keyPrefix: 'lb-' })
    return new Array<LiveTable>(definition.weight).fill(table)
  })
}
