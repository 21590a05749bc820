import type { DriverDefinition, Row, TableSchema } from '@eds/core'
import type { TestRow } from './test-table.js'

/** What `testDriver` needs to know of the driver under test. */
export type DriverSuiteOptions<Config = unknown> = CommonOptions<Config> & (TableDestination | EventDestination)

interface CommonOptions<Config> {
  readonly definition: DriverDefinition<Config>
  /**
   * Where to write. The destination must be empty when the suite begins (a database, folder or topic of the suite's own): the
   * cases make tables named `kit_…` in it, the last one those of the shop workload. A function is called once per case. A password
   * that is more than a plain word can be found in errors and log lines, which are searched for it.
   */
  readonly url: string | (() => string | Promise<string>)
  /** Names the suite in the report. Default: the driver's title. */
  readonly title?: string
  /**
   * Turns a good row of a test table into one that this destination can never take. Default: text in the integer column
   * `quantity`. For a destination that keeps events there is no default, and the cases about refused events are skipped without it.
   */
  readonly poison?: (row: TestRow) => TestRow
  /** Cuts the driver off from its destination, and lets it back. Without it the cases about reconnecting are skipped. */
  readonly connection?: {
    /** From now on nothing gets through, and what is open breaks. */
    break(): Promise<void>
    /** From now on the destination takes what it is sent and never answers. Without it the case about hanging writes is skipped. */
    stall?(): Promise<void>
    /** Ends either. */
    restore(): Promise<void>
  }
  /**
   * A URL of the same destination with wrong credentials, or with the rights of somebody who may not write. Without it the case about
   * authentication is skipped.
   */
  readonly wrongUrl?: string | (() => string | Promise<string>)
  /**
   * Removes a table (or the folder or topic that holds its events) with all that is in it, past the driver. Without it the cases about
   * tables that disappear are skipped.
   */
  readonly drop?: (table: string) => Promise<void>
  /** Case name → why the driver cannot keep that promise. The case is skipped with this reason; name it in the driver's README too. */
  readonly exceptions?: Readonly<Record<string, string>>
  /** Events of the shop workload. Default 2,000. */
  readonly shopEvents?: number
  /** Seed of everything random in the suite. Default 1. */
  readonly seed?: number
  /** How long a call may take that has to end soon, milliseconds. Default 30,000; twice that without a connection. */
  readonly limitMs?: number
  /** When Vitest gives a case up, milliseconds; longer than the limits within it. Default 120,000. */
  readonly timeoutMs?: number
}

/** A destination that keeps the state of tables: what counts is how the rows look in the end. */
export interface TableDestination {
  /**
   * All rows of a table as they are stored now, read past the driver. Column name → value; values as the client library gives
   * them or as text. Not called for a table that the driver was not asked to make.
   */
  read(table: string, schema: TableSchema): Promise<Iterable<Row>> | AsyncIterable<Row>
  readonly readEvents?: never
}

/** A destination that keeps events: a log, a topic, a folder, a bucket. What counts is the bytes. */
export interface EventDestination {
  readonly read?: never
  /** Every event that is stored now, as stored (text or bytes of its JSON), events of one row in stored order. Read past the driver. */
  readEvents(): AsyncIterable<Uint8Array | string>
  /**
   * - `every event`: each event that was written is there, in order per row.
   * - `last event per row`: earlier events of a row may have been overwritten by later ones.
   *
   * Default: `last event per row` when a replay is idempotent, `every event` otherwise.
   */
  readonly keeps?: 'every event' | 'last event per row'
}
