import { type ChangeEvent, EdsError, type EventStage, isEdsError, type TableSchema } from '@eds/core'
import type { ImportFile, TableImport } from './import-plan.js'
import { linesOf, readLineBlocks } from './read-lines.js'
import { rowEvent } from './row-event.js'

/** Rows to leave out. */
export interface RowFilter {
  /** Empty: of all companies. */
  readonly companyIds: readonly string[]
  /** Empty: of all locations. */
  readonly locationIds: readonly string[]
}

export interface RowReading {
  readonly filter: RowFilter
  /** What every row goes through, as events of the stream do. Default: none. */
  readonly stages?: readonly EventStage[]
  readonly signal: AbortSignal
  /** Told how many bytes of the table's files were read. */
  readonly onBytes: (bytes: number, table: string) => void
}

/** So much text at most is turned into events at a time. */
const maxChunkRows = 1_000

/**
 * The rows of a table as events, file by file. Rejects with `EdsError` naming file and line of what cannot be read.
 */
export async function* tableRows(
  { files }: TableImport,
  schema: Pick<TableSchema, 'modelVersion' | 'primaryKeys'>,
  reading: RowReading,
): AsyncGenerator<readonly ChangeEvent[]> {
  const isWanted = wanted(reading.filter)
  const { stages = [] } = reading
  for (const file of files) {
    for await (const { lines, before } of fileLines(file, reading)) {
      const events: ChangeEvent[] = []
      let line = before
      try {
        for (const text of lines) {
          line++
          if (text === '' || text.trim() === '') continue
          const row = rowEvent(text, line, file, schema)
          const event = isWanted(row) ? throughStages(row, stages) : undefined
          if (event) events.push(event)
        }
      } catch (error) {
        throw placed(error, file, line)
      }
      if (events.length > 0) yield events
    }
  }
}

/** `before`: how many lines of the file came before these. */
async function* fileLines(
  file: ImportFile,
  { onBytes, signal }: RowReading,
): AsyncGenerator<{ lines: readonly string[]; before: number }> {
  let before = 0
  try {
    const count = (bytes: number) => onBytes(bytes, file.table)
    for await (const block of readLineBlocks(file.path, count, signal)) {
      for (const lines of linesOf(block, maxChunkRows)) {
        yield { lines, before }
        before += lines.length
      }
    }
  } catch (cause) {
    if (isEdsError(cause) || signal.aborted) throw cause
    const { message } = cause as Error
    throw new EdsError('configuration', `${file.name} cannot be read after line ${before}: ${message}`, { cause })
  }
}

function throughStages(event: ChangeEvent, stages: readonly EventStage[]): ChangeEvent | undefined {
  let current: ChangeEvent | undefined = event
  for (const stage of stages) current = current && stage(current)
  return current
}

function placed(error: unknown, file: ImportFile, line: number): unknown {
  if (!isEdsError(error)) return error
  return new EdsError('configuration', `${file.name}, line ${line}: ${error.message}`, { cause: error })
}

/** What belongs to no company, or no location, is never left out. */
function wanted({ companyIds, locationIds }: RowFilter): (event: ChangeEvent) => boolean {
  const companies = new Set(companyIds)
  const locations = new Set(locationIds)
  if (companies.size === 0 && locations.size === 0) return () => true
  const passes = (id: string | undefined, ids: ReadonlySet<string>) => ids.size === 0 || id === undefined || ids.has(id)
  return ({ companyId, locationId }) => passes(companyId, companies) && passes(locationId, locations)
}
