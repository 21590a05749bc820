import { EdsError, type Logger, type OpenRequest, type Source, toEdsError } from '@eds/core'
import { errorLine } from '../failure.js'
import { type DatabaseSource, databaseSource } from '../host/database-source.js'
import type { RealtimeSettings } from '../settings/realtime.js'
import { catalogProblems, catalogRemarks, namedTables } from './catalog-check.js'
import { clearOutboxPlace } from './esink-table.js'
import { hiddenKeyProblems } from './hide-columns.js'
import { tokenProblems } from './token-check.js'

/** What has to be seen to in the database before changes can be captured; done once, as soon as the database can be reached. */
export class Preparation {
  readonly #settings: RealtimeSettings
  readonly #logger: Logger
  #isDone = false

  constructor(settings: RealtimeSettings, logger: Logger) {
    this.#settings = settings
    this.#logger = logger
  }

  /** Now, if the database can be reached; otherwise when it is opened. Rejects with EdsError when it never will do. */
  async attempt(): Promise<void> {
    try {
      await this.#finish()
    } catch (error) {
      if (!toEdsError(error).retryable) throw error
      this.#logger.warn({}, `waiting for the database: ${errorLine(error)}`)
    }
  }

  /** The source, which is not opened before all this is done. */
  guard(source: Source): Source {
    return {
      description: source.description,
      open: async (request: OpenRequest) => {
        await this.#finish()
        return source.open(request)
      },
      forget: (cursor) => source.forget(cursor),
      close: () => source.close(),
    }
  }

  async #finish(): Promise<void> {
    if (this.#isDone) return
    const names = namedTables(this.#settings)
    const looked = await databaseSource(this.#settings.database.url, names.length === 0 ? {} : { tables: names })
    try {
      await this.#demandCatalog(looked)
      await this.#settleEsink(looked)
    } finally {
      await looked.source.close()
    }
    for (const remark of catalogRemarks(this.#settings)) this.#logger.warn({}, remark)
    this.#isDone = true
  }

  async #demandCatalog({ registry }: DatabaseSource): Promise<void> {
    const tables = await registry.latest(new AbortController().signal)
    const problems = catalogProblems(this.#settings, tables)
    // Sockets need no keys.
    const { server, sockets } = this.#settings
    if (server.urls.length > 0) problems.push(...hiddenKeyProblems(sockets.filters, tables.values()))
    problems.push(...(await tokenProblems(sockets)))
    const obstacle = await clearOutboxPlace(this.#settings, this.#logger)
    if (obstacle !== undefined) problems.push(obstacle)
    if (problems.length > 0) throw new EdsError('configuration', problems.join('; '))
  }

  async #settleEsink(looked: DatabaseSource): Promise<void> {
    if (this.#settings.removesEsink) {
      for (const name of await looked.removeEsinkTriggers()) this.#logger.info({}, `removed what esink left: ${name}`)
      return
    }
    const found = await looked.findEsinkTriggers()
    if (found.length === 0) return
    this.#logger.warn(
      {},
      `esink has left ${found.join(', ')}: large rows go on failing to be written until you start once with --remove-esink-triggers`,
    )
  }
}
