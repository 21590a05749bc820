import { type ColumnSet, tombstoneTable } from '@eds/sql'
import { binaryCollation, isBinary } from './column-type.js'
import { guardType, quotedGuardColumn, type SqlServerColumn } from './dialect.js'
import { quoteIdentifier, quoteLiteral } from './identifier.js'
import type { SqlServerTable } from './plan.js'
import { stageTable } from './stage.js'

/**
 * On the target wherever rows are looked for that may not be there: range locks (SERIALIZABLE) keep others from making a row between
 * the look and the INSERT, and taking them for update from the start keeps two that do the same from waiting for each other.
 */
const locked = 'WITH (UPDLOCK, SERIALIZABLE)'
const position = `CAST(s.[m] AS ${guardType})`

/** Sets exactly the set's columns of rows that are there; `undefined` when the set has none but the key. */
export function updateStatement(plan: SqlServerTable, set: ColumnSet): string | undefined {
  const assignments = set.columns
    .filter((index) => index >= plan.primaryKeys.length)
    .map((index) => `t.${columnAt(plan, index).quoted} = ${stagedValue(plan, index, set.id)}`)
  if (plan.guard) assignments.push(`t.${quotedGuardColumn} = ${position}`)
  if (assignments.length === 0) return undefined
  const newer = plan.guard ? ` AND ${notNewer}` : ''
  return (
    `UPDATE t SET ${assignments.join(', ')} FROM ${plan.target} AS t ${locked} INNER JOIN ${stageTable} AS s ` +
    `ON ${sameRow(plan, set.id)} WHERE s.[k] = ${set.id}${newer}`
  )
}

/** Makes the rows of a set that are not there. */
export function insertStatement(plan: SqlServerTable, set: ColumnSet): string {
  const filled = plan.columns.filter(({ fill }, index) => fill !== undefined && !set.columns.includes(index))
  const names = [...set.columns.map((index) => columnAt(plan, index).quoted), ...filled.map(({ quoted }) => quoted)]
  const values = [...set.columns.map((index) => stagedValue(plan, index, set.id)), ...filled.map(({ fill }) => fill)]
  if (plan.guard) {
    names.push(quotedGuardColumn)
    values.push(position)
  }
  const insert =
    `INSERT INTO ${plan.target} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${stageTable} AS s ` +
    `WHERE s.[k] = ${set.id} AND ${notThere(plan, set.id)}${plan.guard ? ` AND ${notBuried(plan)}` : ''}`
  if (!plan.setsIdentity) return insert
  return `SET IDENTITY_INSERT ${plan.target} ON; ${insert}; SET IDENTITY_INSERT ${plan.target} OFF`
}

/** Answers with `n` of the set's rows that are not there, for sets that cannot make a row. */
export function missingStatement(plan: SqlServerTable, set: ColumnSet): string {
  const buried = plan.guard ? ` AND ${notBuried(plan)}` : ''
  return `SELECT s.[n] AS [n] FROM ${stageTable} AS s WHERE s.[k] = ${set.id} AND ${notThere(plan, set.id)}${buried}`
}

/** Deletes rows by key. */
export function deleteStatement(plan: SqlServerTable): string {
  const older = plan.guard ? ` AND ${notNewer}` : ''
  return `DELETE t FROM ${plan.target} AS t INNER JOIN ${stageTable} AS s ON ${sameRow(plan, plan.deleteId)} WHERE s.[k] = ${plan.deleteId}${older}`
}

/** Remembers when rows were deleted. */
export function buryStatements(plan: SqlServerTable): string[] {
  const tombstones = tombstonesOf(plan)
  const same = `x.[table_name] = ${quoteLiteral(plan.table)} AND x.[key] = s.[q]`
  return [
    `UPDATE x SET x.[mvcc] = ${position}, x.[deleted_at] = SYSUTCDATETIME() FROM ${tombstones} AS x ${locked} ` +
      `INNER JOIN ${stageTable} AS s ON ${same} WHERE s.[k] = ${plan.deleteId} AND x.[mvcc] <= ${position}`,
    `INSERT INTO ${tombstones} ([table_name], [key], [mvcc], [deleted_at]) ` +
      `SELECT ${quoteLiteral(plan.table)}, s.[q], ${position}, SYSUTCDATETIME() FROM ${stageTable} AS s ` +
      `WHERE s.[k] = ${plan.deleteId} AND NOT EXISTS (SELECT 1 FROM ${tombstones} AS x ${locked} WHERE ${same})`,
  ]
}

/** True for a row that no change newer than this one has deleted. */
function notBuried(plan: SqlServerTable): string {
  const conditions = `x.[table_name] = ${quoteLiteral(plan.table)} AND x.[key] = s.[q] AND x.[mvcc] > ${position}`
  return `NOT EXISTS (SELECT 1 FROM ${tombstonesOf(plan)} AS x WHERE ${conditions})`
}

function tombstonesOf({ schema }: SqlServerTable): string {
  return `${schema}.${quoteIdentifier(tombstoneTable)}`
}

/** True when what is stored is not newer than the position given: the same change may come again. */
const notNewer = `(t.${quotedGuardColumn} IS NULL OR t.${quotedGuardColumn} <= ${position})`

function notThere(plan: SqlServerTable, mark: number): string {
  return `NOT EXISTS (SELECT 1 FROM ${plan.target} AS t ${locked} WHERE ${sameRow(plan, mark)})`
}

function sameRow(plan: SqlServerTable, mark: number): string {
  return plan.primaryKeys.map((_, index) => sameKey(plan, index, mark)).join(' AND ')
}

/**
 * The value in the column's own type and collation, so that the key's index is used. Where that collation takes `a` for `A`, a
 * comparison by code comes on top: an INSERT of `A` next to `a` then meets the unique index and fails, instead of changing another row.
 */
function sameKey(plan: SqlServerTable, index: number, mark: number): string {
  const { quoted, collation } = columnAt(plan, index)
  const value = stagedValue(plan, index, mark)
  if (collation === undefined) return `t.${quoted} = ${value}`
  const same = `t.${quoted} = ${value} COLLATE ${collation}`
  if (isBinary(collation)) return same
  return `${same} AND t.${quoted} COLLATE ${binaryCollation} = ${value} COLLATE ${binaryCollation}`
}

function columnAt({ columns }: SqlServerTable, index: number): SqlServerColumn {
  return columns[index] as SqlServerColumn
}

/**
 * The server may well cast before it looks at `k`, and then stumble over rows that are not meant: those of other tables, whose texts
 * are no numbers. Only CASE makes it keep the order (https://learn.microsoft.com/sql/t-sql/language-elements/case-transact-sql).
 */
function stagedValue(plan: SqlServerTable, index: number, mark: number): string {
  const { cast, float, collation } = columnAt(plan, index)
  const slot = `s.[${plan.slots[index]}]`
  if (cast === undefined || float) return slot
  const value = `CAST(${slot} AS ${cast})`
  return collation === undefined ? `CASE WHEN s.[k] = ${mark} THEN ${value} END` : value
}
