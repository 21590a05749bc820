import { type RowBytes, type TableDefinition, tableDefinitions } from './tables.js'

/** Relative shares of the operations. */
export interface OperationMix {
  /** Default 40. */
  readonly insert?: number
  /** Default 50. */
  readonly update?: number
  /** Default 10. */
  readonly delete?: number
}

export interface ShopOptions {
  /** Any integer up to 2^53. The same options give the same bytes, on every platform. */
  readonly seed: number
  /** How many events. */
  readonly events: number
  /** How many companies share the stream; default 3. See {@link shopCompanies}. */
  readonly companies?: number
  /** Default: all of {@link shopTables}. */
  readonly tables?: readonly string[]
  /**
   * `plain` (default): every relational destination can hold every value unchanged. `hostile`: some events carry what one or
   * another cannot (see {@link HostileClass}).
   */
  readonly values?: 'plain' | 'hostile'
  /** Share of UPDATEs, 0 to 1, whose `after` holds the changed columns only; default 0. */
  readonly partialUpdates?: number
  /** Default `realistic`. */
  readonly rowBytes?: RowBytes
  /** Time of the first event, epoch milliseconds; default 1720000000000 (July 2024). */
  readonly startTime?: number
  readonly mix?: OperationMix
  /** How many recent rows, over all tables, updates and deletes choose from; bounds the generator's memory. Default 2,000. */
  readonly liveRows?: number
}

/** Ids of the companies that events belong to: independent of the seed, so that a filter can be written beforehand. */
export function shopCompanies(count = 3): string[] {
  return Array.from({ length: count }, (_, index) => `65f0c0de${String(index + 1).padStart(16, '0')}`)
}

/** Options checked and completed. */
export interface WorkloadPlan {
  readonly seed: number
  readonly events: number
  readonly companies: readonly string[]
  readonly definitions: readonly TableDefinition[]
  readonly rowBytes: RowBytes
  readonly hostile: boolean
  readonly partialUpdates: number
  readonly startTime: number
  readonly liveRows: number
  /** Shares of 1. */
  readonly inserts: number
  readonly updates: number
}

/** @throws Error that names the option which makes no sense. */
export function planWorkload(options: ShopOptions): WorkloadPlan {
  const { insert = 40, update = 50, delete: remove = 10 } = options.mix ?? {}
  const { rowBytes = 'realistic', companies = 3, partialUpdates = 0, liveRows = 2_000 } = options
  const total = insert + update + remove
  demand(Number.isSafeInteger(options.seed), 'seed must be an integer', options.seed)
  demand(Number.isSafeInteger(options.events) && options.events >= 0, 'events must be a count', options.events)
  demand(Number.isSafeInteger(companies) && companies >= 1, 'companies must be at least 1', companies)
  demand(partialUpdates >= 0 && partialUpdates <= 1, 'partialUpdates must be between 0 and 1', partialUpdates)
  demand(Math.min(insert, update, remove) >= 0 && total > 0, 'the mix must have a positive share', total)
  demand(liveRows >= 1, 'liveRows must be at least 1', liveRows)
  return {
    seed: options.seed,
    events: options.events,
    companies: shopCompanies(companies),
    definitions: tableDefinitions(options.tables, rowBytes),
    rowBytes,
    hostile: options.values === 'hostile',
    partialUpdates,
    startTime: options.startTime ?? defaultStartTime,
    liveRows,
    inserts: insert / total,
    updates: update / total,
  }
}

/** July 2024. */
const defaultStartTime = 1_720_000_000_000

function demand(condition: boolean, rule: string, given: number): void {
  if (!condition) throw new Error(`${rule}; given: ${given}`)
}
