import type { Column } from './columns.js'
import { type HostileClass, hostileValue, oddKey } from './hostile.js'
import { KeyMaker } from './keys.js'
import type { Random } from './random.js'
import { modelVersion } from './schemas.js'
import { type RowBytes, type TableDefinition, versionCount } from './tables.js'

/** A row that the generator can still change: the JSON text of each column. */
export interface LiveRow {
  readonly key: readonly string[]
  readonly company: number
  readonly location: number
  /** The key holds what file names, URLs or key columns trip over. */
  readonly odd: boolean
  /** By column; `undefined` where the row has never had a version with that column. */
  readonly values: (string | undefined)[]
  /** Which columns hold something hostile; `undefined` when none ever did. */
  hostile: Map<number, HostileClass> | undefined
}

/** One version of a table: the first `columnCount` columns. */
export interface LiveVersion {
  readonly modelVersion: string
  readonly columnCount: number
}

/** A row's place in the organisation, which it keeps when it is deleted and inserted again. */
export type Identity = Pick<LiveRow, 'key' | 'company' | 'location' | 'odd'>

/** What a value may be made from, besides chance. */
export interface ValueContext {
  readonly random: Random
  /** JSON text of the present time. */
  readonly now: string
  readonly companyId: string
  readonly locationId: string
}

export interface LiveTableOptions {
  /** How many rows to keep. */
  readonly capacity: number
  /** In front of keys that are names. */
  readonly keyPrefix: string
}

/** How many deleted keys a table remembers for being inserted again. */
const graveyardSize = 64

/** The recent rows of one table and the means to change them. Memory is bounded by `capacity`. */
export class LiveTable {
  readonly definition: TableDefinition
  readonly columns: readonly Column[]
  readonly versions: readonly LiveVersion[]
  /** `"name":` of each column. */
  readonly prefixes: readonly string[]
  readonly rows: LiveRow[] = []
  readonly graveyard: Identity[] = []
  readonly #capacity: number
  readonly #keys: KeyMaker
  /** Columns that an update may change. */
  readonly #mutable: readonly number[]
  /** The column that every update changes. */
  readonly #updated: number

  constructor(definition: TableDefinition, rowBytes: RowBytes, options: LiveTableOptions) {
    this.definition = definition
    this.columns = definition.columns
    this.prefixes = this.columns.map(({ name }) => `${JSON.stringify(name)}:`)
    this.versions = Array.from({ length: versionCount }, (_, index) => ({
      modelVersion: modelVersion(definition.table, index + 1, rowBytes),
      columnCount: this.columns.filter(({ since }) => since <= index + 1).length,
    }))
    this.#capacity = options.capacity
    this.#keys = new KeyMaker(definition.keyStyle, options.keyPrefix)
    this.#updated = this.columns.findIndex(({ kind }) => kind === 'updated')
    this.#mutable = this.columns.flatMap(({ make }, index) => (make === undefined ? [] : [index]))
  }

  /** A key that was never used. */
  newKey(random: Random, odd: boolean): string[] {
    const key = this.#keys.next(random)
    if (odd) key[0] = oddKey(key[0] as string, random)
    return key
  }

  /** Makes a row and keeps it; the oldest one is forgotten when there are too many. */
  insert(identity: Identity, version: LiveVersion, context: ValueContext): LiveRow {
    const row: LiveRow = { ...identity, values: new Array(this.columns.length), hostile: undefined }
    for (let index = 0; index < version.columnCount; index++) row.values[index] = this.#value(row, index, context)
    if (this.rows.length === this.#capacity) this.rows.shift()
    this.rows.push(row)
    return row
  }

  /** Index of a row to change, recent ones far more often than old ones. */
  pickIndex(random: Random): number {
    const fraction = random.uint32() / 0x1_0000_0000
    return this.rows.length - 1 - Math.floor(fraction * fraction * this.rows.length)
  }

  /** Forgets a row and remembers its key. */
  remove(index: number): void {
    const [row] = this.rows.splice(index, 1)
    if (row === undefined) return
    if (this.graveyard.length === graveyardSize) this.graveyard.shift()
    this.graveyard.push({ key: row.key, company: row.company, location: row.location, odd: row.odd })
  }

  /** Takes one deleted key back. */
  exhume(random: Random): Identity | undefined {
    return this.graveyard.splice(random.below(this.graveyard.length), 1)[0]
  }

  /** Changes one to six columns and the time of the update; returns the columns' indexes in ascending order. */
  update(row: LiveRow, version: LiveVersion, context: ValueContext): number[] {
    const changed = new Set<number>()
    const count = 1 + context.random.below(6)
    for (let turn = 0; turn < count; turn++) {
      const index = context.random.pick(this.#mutable)
      if (index < version.columnCount) changed.add(index)
    }
    changed.add(this.#updated)
    for (const index of changed) {
      row.hostile?.delete(index)
      row.values[index] = this.#value(row, index, context)
    }
    return [...changed].sort((left, right) => left - right)
  }

  /** Puts a hostile value into one of these columns, if the one drawn can take it. */
  poison(row: LiveRow, indexes: readonly number[], random: Random): void {
    const index = random.pick(indexes)
    const column = this.columns[index]
    if (column?.make === undefined) return
    const choice = hostileValue(column, random)
    if (choice === undefined) return
    row.hostile ??= new Map()
    row.hostile.set(index, choice[0])
    row.values[index] = choice[1]
  }

  #value(row: LiveRow, index: number, context: ValueContext): string {
    const column = this.columns[index] as Column
    if (column.make === undefined) return this.#fixedValue(row, index, context)
    if (!column.required && context.random.chance(0.15)) return 'null'
    return column.make(context.random, column.choices)
  }

  #fixedValue(row: LiveRow, index: number, context: ValueContext): string {
    switch (this.columns[index]?.kind) {
      case 'company':
        return `"${context.companyId}"`
      case 'location':
        return `"${context.locationId}"`
      case 'keyPosition':
        return row.key[index] as string
      case 'key':
        return JSON.stringify(row.key[index])
      default:
        return context.now
    }
  }
}
