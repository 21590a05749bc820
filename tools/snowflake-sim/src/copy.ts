import type { JsonValue } from '@eds/core'
import type { Options, Statement } from './ast.js'
import { castValue } from './cast.js'
import type { Column } from './catalog.js'
import type { Target } from './dml.js'
import { type Outcome, statementTypes, statusOutcome } from './result.js'
import { nullRefused, SqlError, unsupported } from './sql-error.js'
import { isSemiStructured, type SqlType, textType, variantType } from './sql-type.js'
import { readStaged, type StagedFile, type StageLocation, stagedFiles } from './stage-files.js'
import { Decimal, type Row, type Value, Variant } from './value.js'
import { isArray, isObject, parseVariant } from './variant.js'

type Copy = Extract<Statement, { kind: 'copy' }>

const knownOptions = ['FILE_FORMAT', 'MATCH_BY_COLUMN_NAME', 'ON_ERROR', 'PURGE', 'FORCE']
const knownFormat = ['TYPE', 'COMPRESSION', 'STRIP_OUTER_ARRAY', 'STRIP_NULL_VALUES', 'ALLOW_DUPLICATE', 'ENABLE_OCTAL']

const integer: SqlType = { name: 'NUMBER', precision: 38, scale: 0 }
const resultColumns = [
  ['file', textType],
  ['status', textType],
  ['rows_parsed', integer],
  ['rows_loaded', integer],
  ['error_limit', integer],
  ['errors_seen', integer],
  ['first_error', textType],
  ['first_error_line', integer],
  ['first_error_character', integer],
  ['first_error_column_name', textType],
] as const

/** COPY INTO of JSON files by column names; any error aborts the whole statement. Returns the files that PURGE removes. */
export function copyFiles(statement: Copy, location: StageLocation, target: Target) {
  const exact = checkOptions(statement.options)
  const force = String(statement.options.FORCE ?? 'FALSE').toUpperCase() === 'TRUE'
  const wanted = stagedFiles(location).filter((file) => statement.files?.includes(file.name) ?? true)
  const loaded: { readonly file: StagedFile; readonly count: number; readonly mark: string }[] = []
  const rows: Row[] = []
  for (const file of wanted) {
    const { text, digest } = readStaged(file)
    const mark = `${location.stage.folder}/${file.name}#${digest}`
    if (target.table.loadedFiles.has(mark) && !force) continue
    const before = rows.length
    for (const [index, document] of documents(text).entries()) {
      rows.push(rowOf(document, target.table.columns, exact, `${file.name}, line ${index + 1}`))
    }
    loaded.push({ file, count: rows.length - before, mark })
  }
  target.write([...target.rows, ...rows])
  for (const { mark } of loaded) target.table.loadedFiles.add(mark)
  const purge = String(statement.options.PURGE ?? 'FALSE').toUpperCase() === 'TRUE'
  return { outcome: copyOutcome(loaded), purge: purge ? loaded.map(({ file }) => file.path) : [] }
}

/** Whether column names match exactly; options that are not kept here are refused. */
function checkOptions(options: Options): boolean {
  const format = options.FILE_FORMAT
  const unknown = Object.keys(options).find((name) => !knownOptions.includes(name))
  if (unknown !== undefined) throw unsupported(`COPY option ${unknown}`)
  if (typeof format !== 'object' || format.TYPE !== 'JSON')
    throw unsupported('COPY of anything but FILE_FORMAT = (TYPE = JSON)')
  const unknownFormat = Object.keys(format).find((name) => !knownFormat.includes(name))
  if (unknownFormat !== undefined) throw unsupported(`JSON file format option ${unknownFormat}`)
  const onError = String(options.ON_ERROR ?? 'ABORT_STATEMENT')
  if (onError !== 'ABORT_STATEMENT') throw unsupported(`ON_ERROR = ${onError}`)
  const match = String(options.MATCH_BY_COLUMN_NAME ?? 'NONE')
  if (match !== 'CASE_SENSITIVE' && match !== 'CASE_INSENSITIVE') throw unsupported(`MATCH_BY_COLUMN_NAME = ${match}`)
  return match === 'CASE_SENSITIVE'
}

/** One JSON document a line, or one array of them. */
function documents(text: string): readonly JsonValue[] {
  const trimmed = text.trimStart()
  if (trimmed.startsWith('[')) {
    const { json } = parseVariant(text)
    return isArray(json) ? json : [json]
  }
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parseVariant(line).json)
}

function rowOf(document: JsonValue, columns: readonly Column[], exact: boolean, place: string): Row {
  if (!isObject(document)) throw unsupported(`a JSON document that is no object (${place})`)
  const fields = exact ? document : foldKeys(document)
  return columns.map((column) => {
    const key = exact ? column.name : column.name.toUpperCase()
    const json = Object.hasOwn(fields, key) ? fields[key] : undefined
    return loadField(json, column, place)
  })
}

const foldKeys = (
  document: Readonly<Record<string, JsonValue | undefined>>,
): Readonly<Record<string, JsonValue | undefined>> =>
  Object.fromEntries(Object.entries(document).map(([key, value]) => [key.toUpperCase(), value]))

function loadField(json: JsonValue | undefined, column: Column, place: string): Value {
  try {
    const value =
      json === undefined || json === null
        ? absent(json, column)
        : castValue(new Variant(json), variantType, column.type)
    if (value === null && !column.nullable) throw nullRefused()
    return value
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    throw new SqlError(error.code, error.sqlState, `${error.message}\n  File '${place}'\n  Column "${column.name}"`)
  }
}

/** A JSON null in a VARIANT stays a JSON null; elsewhere it is NULL, as an absent field is everywhere. */
const absent = (json: null | undefined, column: Column): Value =>
  json === null && isSemiStructured(column.type) && column.type.name === 'VARIANT' ? new Variant(null) : null

function copyOutcome(loaded: readonly { readonly file: StagedFile; readonly count: number }[]): Outcome {
  if (loaded.length === 0) return statusOutcome('Copy executed with 0 files processed.', statementTypes.copy)
  return {
    columns: resultColumns.map(([name, type]) => ({ name, type })),
    rows: loaded.map(({ file, count }) => {
      const rows = new Decimal(BigInt(count))
      return [file.name, 'LOADED', rows, rows, new Decimal(1n), new Decimal(0n), null, null, null, null]
    }),
    statementType: statementTypes.copy,
  }
}
