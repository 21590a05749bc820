import { join } from 'node:path'
import type { ChangeEvent, Clock, Logger } from '@eds/core'
import { type LinePlan, planLines } from './encode.js'
import type { EventWriter } from './event-writer.js'
import { encodeName } from './names.js'
import type { Rotation } from './rotation.js'
import { runLimited } from './run-limited.js'
import { TableFile } from './table-file.js'

const tablesAtOnce = 8
/** With more tables than this, files are opened for each batch anew instead of being kept open. */
const maxOpenFiles = 128

export interface LineFilesOptions {
  readonly directory: string
  readonly rotation: Rotation
  readonly clock: Clock
  readonly logger: Logger
}

/** `format=ndjson`: one file per table that grows, one event per line. */
export class LineFiles implements EventWriter {
  readonly #options: LineFilesOptions
  readonly #tables = new Map<string, TableFile>()

  constructor(options: LineFilesOptions) {
    this.#options = options
  }

  async write(events: readonly ChangeEvent[], isStopped: () => boolean): Promise<void> {
    const begun: TableFile[] = []
    const append = async ([table, lines]: [string, LinePlan]): Promise<void> => {
      const file = this.#fileOf(table)
      begun.push(file)
      await file.append(lines, isStopped)
      if (this.#tables.size > maxOpenFiles) await file.close()
    }
    try {
      await this.#finishOldFiles(isStopped)
      await runLimited(planLines(events), tablesAtOnce, isStopped, append)
    } catch (error) {
      await this.#rollBack(begun)
      throw error
    }
    for (const file of begun) file.keep()
  }

  async close(): Promise<void> {
    for (const file of this.#tables.values()) await file.close()
  }

  /** Also the files of tables for which nothing comes any more get finished when their time is over. */
  async #finishOldFiles(isStopped: () => boolean): Promise<void> {
    const now = this.#options.clock.now()
    const old = [...this.#tables.values()].filter((file) => file.isTooOld(now))
    await runLimited(old, tablesAtOnce, isStopped, (file) => file.finish())
  }

  /** Takes back what this batch has appended so far: it will come again, whole. */
  async #rollBack(files: readonly TableFile[]): Promise<void> {
    const rollBack = async (file: TableFile): Promise<void> => {
      await file.rollBack().catch((error: unknown) => {
        this.#options.logger.warn(
          { err: error },
          'could not take back the lines of a failed batch: some will be there twice',
        )
      })
    }
    await runLimited(files, tablesAtOnce, () => false, rollBack)
  }

  #fileOf(table: string): TableFile {
    let file = this.#tables.get(table)
    if (file === undefined) {
      file = new TableFile(join(this.#options.directory, encodeName(table)), this.#options)
      this.#tables.set(table, file)
    }
    return file
  }
}
