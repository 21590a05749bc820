/** How much an error takes down, as in SQL Server: the statement, the rest of the batch, or the transaction with it. */
export type ErrorReach = 'statement' | 'batch' | 'transaction' | 'connection'

/** An error with the server's number; see https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors */
export class SqlError extends Error {
  readonly number: number
  readonly class: number
  readonly state: number
  /** Line of the batch that the statement begins in, from 1. */
  line = 1
  readonly reach: ErrorReach

  constructor(number: number, message: string, options: { class?: number; state?: number; reach?: ErrorReach } = {}) {
    super(message)
    this.number = number
    this.class = options.class ?? 16
    this.state = options.state ?? 1
    this.reach = options.reach ?? 'statement'
  }
}

export const syntaxError = (near: string) =>
  new SqlError(102, `Incorrect syntax near '${near}'.`, { class: 15, reach: 'batch' })

export const invalidObject = (name: string) => new SqlError(208, `Invalid object name '${name}'.`, { reach: 'batch' })

export const arithmeticOverflow = (type: string) =>
  new SqlError(8115, `Arithmetic overflow error converting expression to data type ${type}.`)

export const conversionFailed = (value: string, from: string, to: string) =>
  new SqlError(245, `Conversion failed when converting the ${from} value '${value}' to data type ${to}.`, {
    reach: 'transaction',
  })

export const dataTypeConversion = (from: string, to: string) =>
  new SqlError(8114, `Error converting data type ${from} to ${to}.`, { reach: 'transaction' })

export const operandClash = (from: string, to: string) =>
  new SqlError(206, `Operand type clash: ${from} is incompatible with ${to}`, { reach: 'batch' })

export const permissionDenied = (permission: string, object: string) =>
  new SqlError(229, `The ${permission} permission was denied on the object '${object}'.`, { class: 14 })
