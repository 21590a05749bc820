/** What the name of an exported file says. */
export interface ExportFile {
  /** Base name. */
  readonly name: string
  readonly table: string
  /** When the export was taken, epoch milliseconds. */
  readonly timestamp: number
  /** The same as `<nanoseconds>.<logical>`. */
  readonly mvccTimestamp: string
}

const pattern = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{9})(\d{10})-\w+-[\w-]+-([a-z0-9_]+)-\w+\.ndjson(?:\.gz)?$/

/**
 * Reads `<33 digits>-<hex>-<…>-<table>-<schema id>.ndjson.gz`; the digits are `YYYYMMDDHHMMSS`, 9 of nanoseconds and 10 logical.
 * `undefined` for any other name.
 */
export function parseExportFile(name: string): ExportFile | undefined {
  const match = pattern.exec(name)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, nanoseconds = '', logical = '', table = ''] = match
  const wholeSecond = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(wholeSecond)) return undefined
  return {
    name,
    table,
    timestamp: wholeSecond + Math.floor(Number(nanoseconds) / 1e6),
    mvccTimestamp: `${wholeSecond / 1_000}${nanoseconds}.${logical}`,
  }
}
