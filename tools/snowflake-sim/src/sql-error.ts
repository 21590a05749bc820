/**
 * An error as the service reports it, with the codes by which a driver classifies; SQL states and wording follow the service's, as far
 * as they are known.
 */
export class SqlError extends Error {
  readonly code: string
  readonly sqlState: string

  constructor(code: string, sqlState: string, message: string) {
    super(message)
    this.code = code
    this.sqlState = sqlState
  }
}

const compilation = (code: string, sqlState: string, text: string) =>
  new SqlError(code, sqlState, `SQL compilation error:\n${text}`)

export const syntaxError = (line: number, position: number, found: string) =>
  compilation('001003', '42000', `syntax error line ${line} at position ${position} unexpected '${found}'.`)

/** A shape that the real service may well accept and this one does not: refused as a syntax error, never guessed. */
export const unsupported = (what: string) =>
  compilation('001003', '42000', `the simulator does not know this shape: ${what}`)

export const tableMissing = (name: string) =>
  compilation('002003', '42S02', `Table '${name}' does not exist or not authorized.`)

export const objectMissing = (kind: string, name: string) =>
  compilation('002003', '02000', `${kind} '${name}' does not exist or not authorized.`)

export const objectExists = (name: string) => compilation('002002', '42710', `Object '${name}' already exists.`)

export const columnExists = (name: string) => compilation('001430', '42601', `column '${name}' already exists`)

export const columnMissing = (name: string) =>
  new SqlError('000904', '42000', `SQL compilation error: error line 1 at position 0\ninvalid identifier '${name}'`)

export const ambiguousColumn = (name: string) => compilation('002025', '42601', `ambiguous column name '${name}'`)

export const typeMismatch = (expected: string, found: string, column: string) =>
  compilation(
    '002023',
    '22000',
    `Expression type does not match column data type, expecting ${expected} but got ${found} for column ${column}`,
  )

export const wrongColumnCount = (expected: number, found: number) =>
  compilation('002020', '21S01', `Insert value list does not match column list expecting ${expected} but got ${found}`)

export const noCurrentDatabase = () =>
  new SqlError(
    '090105',
    '22000',
    "Cannot perform operation. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.",
  )

export const noWarehouse = () =>
  new SqlError(
    '000606',
    '57P03',
    "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.\n",
  )

export const accessDenied = (kind: string, name: string) =>
  new SqlError('003001', '42501', `SQL access control error:\nInsufficient privileges to operate on ${kind} '${name}'`)

export const canceled = () => new SqlError('000604', '57014', 'SQL execution canceled')

export const timedOut = (seconds: number) =>
  new SqlError(
    '000630',
    '57014',
    `Statement reached its statement or warehouse timeout of ${seconds} second(s) and was canceled.`,
  )

export const numberNotRecognized = (text: string) =>
  new SqlError('100038', '22018', `Numeric value '${text}' is not recognized`)

export const numberOutOfRange = (text: string) =>
  new SqlError('100039', '22003', `Numeric value '${text}' is out of range`)

export const booleanNotRecognized = (text: string) =>
  new SqlError('100037', '22018', `Boolean value '${text}' is not recognized`)

export const timestampNotRecognized = (text: string) =>
  new SqlError('100035', '22007', `Timestamp '${text}' is not recognized`)

export const dateNotRecognized = (text: string) => new SqlError('100040', '22007', `Date '${text}' is not recognized`)

export const binaryNotRecognized = (text: string) =>
  new SqlError('100115', '22000', `The following string is not a legal hex-encoded value: '${text}'`)

export const castFailed = (text: string, type: string) =>
  new SqlError('100071', '22000', `Failed to cast variant value ${text} to ${type}`)

export const nullRefused = () => new SqlError('100072', '22000', 'NULL result in a non-nullable column')

export const stringTooLong = (text: string) =>
  new SqlError('100078', '22000', `String '${text.slice(0, 100)}' is too long and would be truncated`)

export const jsonRefused = (detail: string) => new SqlError('100069', '22P02', `Error parsing JSON: ${detail}`)

export const duplicateMergeRow = (row: string) =>
  new SqlError('100090', '42P18', `Duplicate row detected during DML action\nRow Values: ${row}`)
