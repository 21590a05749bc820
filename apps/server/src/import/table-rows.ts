import { isUtf8 } from 'node:buffer'
import { type ChangeEvent, EdsError, type EventStage, isEdsError, type TableSchema } from '@eds/core'
import type { ImportFile, TableImport } from './import-plan.js'
import { linesOf, readLineBlocks } from './read-lines.js'
import { rowEvent, unreadRow } from './row-event.js'

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
  /** Leave the rows unread where nothing but the destination looks at them, and it can. */
  readonly unread?: boolean
  readonly signal: AbortSignal
  /** Told how many bytes of the table's files were read. */
  readonly onBytes: (bytes: number, table: string) => void
}

/** So much text at most is turned into events at a time. */
const maxChunkRows = 1_000
const openBrace = 0x7b

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
  const isUnread = reading.unread === true && isWanted === all && stages.length === 0
  for (const file of files) {
    for await (const { lines, before, block } of fileLines(file, reading)) {
      const isText = isUnread && isUtf8(block)
      const events: ChangeEvent[] = []
      let line = before
      try {
        for (const bytes of lines) {
          line++
          if (isBlank(bytes)) continue
          const row = isText ? unreadRow(bytes, line, file, schema) : rowEvent(bytes.toString(), line, file, schema)
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

function isBlank(line: Buffer): boolean {
  const [first] = line
  return first === undefined || (first !== openBrace && line.toString().trim() === '')
}

/** `before`: how many lines of the file came before these; `block`: what they are a part of. */
async function* fileLines(
  file: ImportFile,
  { onBytes, signal }: RowReading,
): AsyncGenerator<{ block: Buffer; lines: readonly Buffer[]; before: number }> {
  let before = 0
  try {
    const count = (bytes: number) => onBytes(bytes, file.table)
    for await (const block of readLineBlocks(file.path, count, signal)) {
      for (const lines of linesOf(block, maxChunkRows)) {
        yield { block, lines, before }
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

const all = () => true

/** What belongs to no company, or no location, is never left out. */
function wanted({ companyIds, locationIds }: RowFilter): (event: ChangeEvent) => boolean {
  const companies = new Set(companyIds)
  const locations = new Set(locationIds)
  if (companies.size === 0 && locations.size === 0) return all
  const passes = (id: string | undefined, ids: ReadonlySet<string>) => ids.size === 0 || id === undefined || ids.has(id)
  return ({ companyId, locationId }) => passes(companyId, companies) && passes(locationId, locations)
}
