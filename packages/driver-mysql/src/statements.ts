import { type ColumnSet, tombstoneTable } from '@eds/sql'
import { type MysqlColumn, quotedGuardColumn } from './dialect.js'
import { quoteIdentifier } from './identifier.js'
import type { MysqlTable } from './plan.js'

/** Stands for the position of a row's change among {@link RowStatement.parameters}. */
export const positionParameter = -1

/** Stands for whether a row carries a column: `1` or `0`. */
export function presenceParameter(column: number): number {
  return -2 - column
}

/** A statement for rows of one kind. */
export interface RowStatement {
  /** The statement for so many rows. */
  readonly text: (rows: number) => string
  /** What each row adds to the parameters: indexes into its texts, {@link positionParameter}, or {@link presenceParameter}. */
  readonly parameters: readonly number[]
  readonly maxRows: number
  /** True when a row that was not found has to be reported. */
  readonly mustFind: boolean
}

/** Rows of the largest statement that is kept prepared. The server describes every parameter of it, which costs more the larger it is. */
const maxRows = 32

/**
 * Inserts rows, or sets exactly the set's columns of those that are there. `VALUES(c)` because MariaDB knows no other way; MySQL 8
 * has deprecated it, not removed it.
 */
export function upsertStatement(plan: MysqlTable, set: ColumnSet): RowStatement {
  const carried = columnsOf(plan, set)
  const filled = plan.columns.filter(({ fill }, index) => fill !== undefined && !set.columns.includes(index))
  const names = [...carried.map(({ quoted }) => quoted), ...filled.map(({ quoted }) => quoted)]
  const values = [...carried.map(({ placeholder }) => placeholder), ...filled.map(({ fill }) => fill)]
  if (plan.guard) {
    names.push(quotedGuardColumn)
    values.push('?')
  }
  const start = `INSERT INTO ${plan.target} (${names.join(', ')}) VALUES `
  const changes = carried
    .slice(plan.primaryKeys.length)
    .map(
      ({ quoted }) =>
        `${quoted} = ${plan.guard ? `IF(${isNewer}, VALUES(${quoted}), ${quoted})` : `VALUES(${quoted})`}`,
    )
  const end = ` ${onDuplicate(plan, [...changes, ...untouched(plan, set)])}`
  const row = `(${values.join(', ')})`
  return {
    text: (rows) => start + new Array(rows).fill(row).join(', ') + end,
    parameters: [...set.columns, ...(plan.guard ? [positionParameter] : [])],
    maxRows,
    mustFind: false,
  }
}

const isNewer = `(${quotedGuardColumn} IS NULL OR ${quotedGuardColumn} <= VALUES(${quotedGuardColumn}))`

function onDuplicate(plan: MysqlTable, changes: readonly string[]): string {
  const keys = keysOf(plan)
  const [first] = keys as [MysqlColumn]
  const assignments = [...changes]
  // Assignments count from left to right, so that the position comes last.
  if (plan.guard) {
    assignments.push(`${quotedGuardColumn} = IF(${isNewer}, VALUES(${quotedGuardColumn}), ${quotedGuardColumn})`)
  }
  if (plan.mayMeetOthers) assignments.unshift(`${first.quoted} = IF(${sameKey(keys)}, ${first.quoted}, NULL)`)
  else if (assignments.length === 0) assignments.push(`${first.quoted} = ${first.quoted}`)
  return `ON DUPLICATE KEY UPDATE ${assignments.join(', ')}`
}

/**
 * The clause fires for any unique index, with another row than that of the key; then the key becomes NULL, which strict mode refuses,
 * so that nothing is overwritten and the change fails with error 1048.
 */
function sameKey(keys: readonly MysqlColumn[]): string {
  return keys
    .map(({ quoted, exact }) =>
      exact ? `${quoted} <=> VALUES(${quoted})` : `CAST(${quoted} AS BINARY) <=> CAST(VALUES(${quoted}) AS BINARY)`,
    )
    .join(' AND ')
}

/** `ON UPDATE CURRENT_TIMESTAMP` leaves columns alone that a statement sets. */
function untouched(plan: MysqlTable, set: ColumnSet): string[] {
  const own = plan.columns.flatMap(({ quoted, updatesItself }, index) =>
    updatesItself && !set.columns.includes(index) ? [quoted] : [],
  )
  return [...own, ...plan.selfUpdating].map((quoted) => `${quoted} = ${quoted}`)
}

/**
 * The same for one row that carries any columns, where so few rows of a batch carry the same ones that a statement of their own would
 * cost more than it saves.
 */
export function patchStatement(plan: MysqlTable): RowStatement {
  const parameters: number[] = []
  const keyCount = plan.primaryKeys.length
  const values = plan.columns.map(({ placeholder, whenAbsent }, index) => {
    if (index >= keyCount && whenAbsent !== undefined) parameters.push(presenceParameter(index))
    parameters.push(index)
    return index >= keyCount && whenAbsent !== undefined ? `IF(?, ${placeholder}, ${whenAbsent})` : placeholder
  })
  const names = plan.columns.map(({ quoted }) => quoted)
  if (plan.guard) {
    names.push(quotedGuardColumn)
    values.push('?')
    parameters.push(positionParameter)
  }
  const changed = plan.columns.slice(keyCount).map(({ quoted }, index) => {
    parameters.push(presenceParameter(keyCount + index))
    return `${quoted} = IF(?${plan.guard ? ` AND ${isNewer}` : ''}, VALUES(${quoted}), ${quoted})`
  })
  const clause = onDuplicate(plan, [...changed, ...plan.selfUpdating.map((quoted) => `${quoted} = ${quoted}`)])
  const text = `INSERT INTO ${plan.target} (${names.join(', ')}) VALUES (${values.join(', ')}) ${clause}`
  return { text: () => text, parameters, maxRows: 1, mustFind: false }
}

/** Sets the columns that a row carries, if it is there: for rows that cannot be made of these columns. */
export function updateStatement(plan: MysqlTable): RowStatement {
  const keyCount = plan.primaryKeys.length
  const parameters: number[] = []
  const assignments = plan.columns.slice(keyCount).map(({ quoted, placeholder }, index) => {
    parameters.push(presenceParameter(keyCount + index), keyCount + index)
    return `${quoted} = IF(?, ${placeholder}, ${quoted})`
  })
  assignments.push(...plan.selfUpdating.map((quoted) => `${quoted} = ${quoted}`))
  if (plan.guard) {
    assignments.push(`${quotedGuardColumn} = ?`)
    parameters.push(positionParameter)
  }
  if (assignments.length === 0) assignments.push(`${keysOf(plan)[0]?.quoted} = ${keysOf(plan)[0]?.quoted}`)
  const condition = rowCondition(plan)
  const text = `UPDATE ${plan.target} SET ${assignments.join(', ')} WHERE ${condition.text}`
  return { text: () => text, parameters: [...parameters, ...condition.parameters], maxRows: 1, mustFind: true }
}

/** Deletes rows by key. */
export function deleteStatement(plan: MysqlTable): RowStatement {
  const [first, ...more] = keysOf(plan)
  const start = `DELETE FROM ${plan.target} WHERE `
  if (first?.exact && more.length === 0 && !plan.guard) {
    const list = (rows: number) => new Array(rows).fill(first.compared).join(', ')
    return { text: (rows) => `${start}${first.quoted} IN (${list(rows)})`, parameters: [0], maxRows, mustFind: false }
  }
  const { text, parameters } = rowCondition(plan)
  return {
    text: (rows) => start + new Array(rows).fill(`(${text})`).join(' OR '),
    parameters,
    maxRows,
    mustFind: false,
  }
}

/** True for the row of a key, and with a guard only while it is not newer. */
function rowCondition(plan: MysqlTable): { readonly text: string; readonly parameters: readonly number[] } {
  const parameters: number[] = []
  const conditions = keysOf(plan).flatMap(({ quoted, compared, exact }, index) => {
    parameters.push(index)
    if (exact) return [`${quoted} = ${compared}`]
    parameters.push(index)
    return [`${quoted} = ?`, `CAST(CONVERT(${quoted} USING utf8mb4) AS BINARY) = CAST(? AS BINARY)`]
  })
  if (plan.guard) {
    parameters.push(positionParameter)
    conditions.push(`(${quotedGuardColumn} IS NULL OR ${quotedGuardColumn} <= CAST(? AS DECIMAL(40,10)))`)
  }
  return { text: conditions.join(' AND '), parameters }
}

/** Which of some rows are there. Each row adds its key. */
export function findStatement(plan: MysqlTable): { readonly text: string; readonly parameters: readonly number[] } {
  const { text, parameters } = rowCondition({ ...plan, guard: false })
  return { text: `SELECT 1 AS found FROM ${plan.target} WHERE ${text}`, parameters }
}

/** Remembers when rows were deleted. Each row adds the table's name, its key and its position. */
export function buryStatement(rows: number): string {
  return (
    `INSERT INTO ${tombstones} (table_name, row_key, mvcc, deleted_at) ` +
    `VALUES ${new Array(rows).fill('(?, ?, ?, UTC_TIMESTAMP(6))').join(', ')} ` +
    'ON DUPLICATE KEY UPDATE mvcc = GREATEST(mvcc, VALUES(mvcc)), deleted_at = VALUES(deleted_at)'
  )
}

/** The position at which each of so many rows of a table was deleted. Parameters: the table's name, then keys. */
export function buriedQuery(rows: number): string {
  const keys = new Array(rows).fill('?').join(', ')
  return `SELECT row_key AS \`key\`, mvcc FROM ${tombstones} WHERE table_name = ? AND row_key IN (${keys})`
}

export const tombstones = quoteIdentifier(tombstoneTable)

function keysOf({ columns, primaryKeys }: MysqlTable): readonly MysqlColumn[] {
  return columns.slice(0, primaryKeys.length)
}

function columnsOf({ columns }: MysqlTable, set: ColumnSet): MysqlColumn[] {
  return set.columns.map((index) => columns[index] as MysqlColumn)
}
