import {
  type ChangeEvent,
  type Driver,
  type DriverContext,
  type DriverTraits,
  memoryState,
  systemClock,
  type TableSchema,
} from '@eds/core'
import { SeededRandom } from '../conformance/random.js'
import { RecordingLogger } from '../conformance/recording-logger.js'
import { DriverSession } from './driver-session.js'
import { EventFeed } from './event-feed.js'
import { observed } from './observed-driver.js'
import type { DriverSuiteOptions } from './options.js'
import { SchemaShelf } from './schema-shelf.js'
import { SecretWatch, tellingSecrets } from './secret-watch.js'
import { expectStoredEvents } from './stored-events.js'
import { expectStoredRows } from './stored-rows.js'
import { type TestColumns, TestTable, testSchema } from './test-table.js'

/** What one case works with: drivers on the same destination, tables of its own, and a look at what is stored. */
export class DriverCaseContext<Config = unknown> {
  readonly options: DriverSuiteOptions<Config>
  readonly url: string
  readonly config: Config
  readonly traits: DriverTraits
  readonly logger = new RecordingLogger()
  readonly random: SeededRandom
  readonly shelf = new SchemaShelf()
  readonly feed = new EventFeed()
  readonly secrets = new SecretWatch()
  readonly #prefix: string
  readonly #state = memoryState()
  readonly #opened: DriverSession[] = []

  private constructor(options: DriverSuiteOptions<Config>, caseName: string, url: string) {
    this.options = options
    this.url = url
    this.config = options.definition.config.parse(options.definition.parse(url))
    this.traits = options.definition.traits(this.config)
    this.random = new SeededRandom(options.seed ?? 1)
    this.#prefix = `kit_${caseName
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '_')
      .slice(0, 36)}`
  }

  static async open<Config>(options: DriverSuiteOptions<Config>, caseName: string): Promise<DriverCaseContext<Config>> {
    const url = typeof options.url === 'string' ? options.url : await options.url()
    return new DriverCaseContext(options, caseName, url)
  }

  /** True when the destination shows rows, false when it keeps events. */
  get showsRows(): boolean {
    return this.options.read !== undefined
  }

  /** How long a call may take that has to end soon. */
  get limitMs(): number {
    return this.options.limitMs ?? 30_000
  }

  /** What the driver calls itself; for reasons. */
  get title(): string {
    return this.options.definition.title
  }

  /** A table of this case's own; `suffix` tells several apart. */
  table(suffix = '', columns: TestColumns = {}): TestTable {
    return this.tableNamed(`${this.#prefix}${suffix && `_${suffix}`}`, columns)
  }

  /** A table with exactly this name. */
  tableNamed(name: string, columns: TestColumns = {}): TestTable {
    return new TestTable(this.feed, this.declare(testSchema(name, 'a1', columns)))
  }

  /** Makes a schema known, as a schema registry would. */
  declare(schema: TableSchema): TableSchema {
    this.shelf.add(schema)
    return schema
  }

  /** A new driver on the destination, not connected. Closed when the case ends. */
  session(config: Config = this.config): DriverSession {
    this.secrets.guard(tellingSecrets(this.options.definition, config))
    const driver = observed(this.#create(config), (call, error) => this.secrets.see(call, error))
    const session = new DriverSession(driver, this.traits, this.shelf)
    this.#opened.push(session)
    return session
  }

  /** A new driver, connected. */
  async connected(): Promise<DriverSession> {
    const session = this.session()
    await session.connect()
    return session
  }

  /**
   * Fails unless the tables of these events look as if each event had been applied once, in order; other tables do not count.
   *
   * @param refused events that were not applied.
   */
  async expectStored(
    events: readonly ChangeEvent[],
    { refused = [], replayed = false }: { readonly refused?: Iterable<ChangeEvent>; readonly replayed?: boolean } = {},
  ): Promise<void> {
    const left = new Set(refused)
    const written = events.filter((event) => !left.has(event))
    const tables = new Set(events.map(({ table }) => table))
    const { options, shelf } = this
    if (options.read !== undefined) return expectStoredRows(options, { written, tables, shelf })
    const keeps = options.keeps ?? (this.traits.redelivery === 'idempotent' ? 'last event per row' : 'every event')
    return expectStoredEvents(options, { written, tables, keeps, replayed })
  }

  async close(): Promise<void> {
    for (const session of this.#opened) await session.close()
  }

  #create(config: Config): Driver {
    const context: DriverContext = {
      sink: 'kit',
      session: 'conformance',
      logger: this.logger,
      clock: systemClock,
      random: this.random.next,
      metrics: { count: () => {} },
      state: this.#state,
    }
    return this.options.definition.create(config, context)
  }
}
