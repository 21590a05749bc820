import {
  type ChangeEvent,
  type Driver,
  type DriverContext,
  type EventBatch,
  memoryState,
  type StateStore,
  systemClock,
  type TableSchema,
  type WriteResult,
} from '@eds/core'
import snowflake from '../src/index.js'

const never = new AbortController().signal

/** A driver on a database, used as the pipeline uses it. Closed by {@link Harness.close}. */
export class Harness {
  readonly driver: Driver

  constructor(
    url: string,
    { state = memoryState(), now = () => Date.now() }: { state?: StateStore; now?: () => number } = {},
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
    this.driver = snowflake.create(snowflake.config.parse(snowflake.parse(url)), context)
  }

  /** Connected, with these schemas prepared. */
  static async open(
    url: string,
    schemas: readonly TableSchema[] = [],
    options: ConstructorParameters<typeof Harness>[1] = {},
  ): Promise<Harness> {
    const harness = new Harness(url, options)
    await harness.driver.connect(never)
    if (schemas.length > 0) await harness.prepare(...schemas)
    return harness
  }

  prepare(...schemas: TableSchema[]) {
    return this.driver.schema!.prepare(schemas, never)
  }

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

export function batchOf(events: readonly ChangeEvent[]): EventBatch {
  const bytes = events.reduce((sum, event) => sum + event.bytes.length, 0)
  return { events, bytes, first: events[0]!.position, last: events.at(-1)!.position }
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
