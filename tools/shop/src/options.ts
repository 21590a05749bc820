import type { RowBytes } from './tables.js'

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
