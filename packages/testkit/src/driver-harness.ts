import {
  type ChangeEvent,
  type Driver,
  type DriverContext,
  type DriverDefinition,
  memoryState,
  type SchemaChange,
  type StateStore,
  systemClock,
  type TableSchema,
  type WriteResult,
} from '@eds/core'
import { batchOf } from './driver-suite/driver-session.js'

export interface HarnessOptions {
  /** Default: one in memory, empty. */
  readonly state?: StateStore
  /** The driver's clock, epoch milliseconds. Default: the system's. */
  readonly now?: () => number
}

const never = new AbortController().signal

/** A driver on a destination, used as the pipeline uses it, for tests beside the suite. */
export class DriverHarness {
  readonly driver: Driver

  constructor(
    definition: DriverDefinition,
    url: string,
    { state = memoryState(), now = () => Date.now() }: HarnessOptions = {},
  ) {
    const silent = () => {}
    const context: DriverContext = {
      sink: 'test',
      session: 'test',
      logger: { debug: silent, info: silent, warn: silent, error: silent },
      clock: { ...systemClock, now },
      random: Math.random,
      metrics: { count: silent },
      state,
    }
    this.driver = definition.create(definition.config.parse(definition.parse(url)), context)
  }

  /** Connected, with these schemas prepared. */
  async opened(schemas: readonly TableSchema[] = []): Promise<this> {
    await this.connect()
    if (schemas.length > 0) await this.prepare(...schemas)
    return this
  }

  /** @throws TypeError for a driver without `schema`. */
  prepare(...schemas: TableSchema[]): Promise<SchemaChange[]> {
    if (this.driver.schema === undefined) throw new TypeError('the driver has no schema support')
    return this.driver.schema.prepare(schemas, never)
  }

  /** As one batch, whatever its size. */
  write(events: readonly ChangeEvent[], signal: AbortSignal = never): Promise<WriteResult> {
    return this.driver.write(batchOf(events), signal)
  }

  connect(): Promise<void> {
    return this.driver.connect(never)
  }

  close(): Promise<void> {
    return this.driver.close()
  }
}

/** The error that a promise rejects with; throws when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not reject')
}
