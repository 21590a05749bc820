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

/** Sets of rows that are in the stage. */
type Sets = readonly ColumnSet[]

/** Sets exactly each set's columns of rows that are there; `undefined` when the sets have none but the key. */
export function updateStatement(plan: SqlServerTable, sets: Sets): string | undefined {
  const assignments = carriedColumns(plan, sets)
    .filter((index) => index >= plan.primaryKeys.length)
    .map((index) => {
      const own = `t.${columnAt(plan, index).quoted}`
      return `${own} = ${valueIn(plan, index, sets, own)}`
    })
  if (plan.guard) assignments.push(`t.${quotedGuardColumn} = ${position}`)
  if (assignments.length === 0) return undefined
  const newer = plan.guard ? ` AND ${notNewer}` : ''
  return (
    `UPDATE t SET ${assignments.join(', ')} FROM ${plan.target} AS t ${locked} INNER JOIN ${stageTable} AS s ` +
    `ON ${sameRow(plan, idsOf(sets))} WHERE ${isMarked(idsOf(sets))}${newer}`
  )
}

/** Makes the rows of sets that are not there. */
export function insertStatement(plan: SqlServerTable, sets: Sets): string {
  const carried = carriedColumns(plan, sets)
  const filled = plan.columns.filter(({ fill }, index) => fill !== undefined && !carried.includes(index))
  const names = [...carried.map((index) => columnAt(plan, index).quoted), ...filled.map(({ quoted }) => quoted)]
  const values = [
    ...carried.map((index) => valueIn(plan, index, sets, columnAt(plan, index).fill ?? 'NULL')),
    ...filled.map(({ fill }) => fill),
  ]
  if (plan.guard) {
    names.push(quotedGuardColumn)
    values.push(position)
  }
  const insert =
    `INSERT INTO ${plan.target} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${stageTable} AS s ` +
    `WHERE ${missingOf(plan, sets)}`
  if (!plan.setsIdentity) return insert
  return `SET IDENTITY_INSERT ${plan.target} ON; ${insert}; SET IDENTITY_INSERT ${plan.target} OFF`
}

/** Answers with `n` of the sets' rows that are not there, for sets that cannot make a row. */
export function missingStatement(plan: SqlServerTable, sets: Sets): string {
  return `SELECT s.[n] AS [n] FROM ${stageTable} AS s WHERE ${missingOf(plan, sets)}`
}

/** Whether one INSERT may make the rows of all sets: a column that one of them lacks must not have a default of the database's. */
export function canInsertTogether({ columns }: SqlServerTable, sets: Sets): boolean {
  return columns.every(({ hasDefault }, index) => !hasDefault || sets.every((set) => set.columns.includes(index)))
}

function missingOf(plan: SqlServerTable, sets: Sets): string {
  const buried = plan.guard ? ` AND ${notBuried(plan)}` : ''
  return `${isMarked(idsOf(sets))} AND ${notThere(plan, idsOf(sets))}${buried}`
}

function idsOf(sets: Sets): number[] {
  return sets.map(({ id }) => id)
}

function isMarked(marks: readonly number[]): string {
  return marks.length === 1 ? `s.[k] = ${marks[0]}` : `s.[k] IN (${marks.join(', ')})`
}

/** Indexes of columns that any of the sets has. */
function carriedColumns({ columns }: SqlServerTable, sets: Sets): number[] {
  return [...columns.keys()].filter((index) => sets.some((set) => set.columns.includes(index)))
}

/** The value of rows whose set has the column, and something else for the others. */
function valueIn(plan: SqlServerTable, index: number, sets: Sets, otherwise: string): string {
  const carriers = sets.filter((set) => set.columns.includes(index))
  if (carriers.length === sets.length) return stagedValue(plan, index, idsOf(sets))
  const { collation } = columnAt(plan, index)
  const collate = collation === undefined ? '' : ` COLLATE ${collation}`
  return `CASE WHEN ${isMarked(idsOf(carriers))} THEN ${castValue(plan, index)}${collate} ELSE ${otherwise} END`
}

/** Deletes rows by key. */
export function deleteStatement(plan: SqlServerTable): string {
  const older = plan.guard ? ` AND ${notNewer}` : ''
  return `DELETE t FROM ${plan.target} AS t INNER JOIN ${stageTable} AS s ON ${sameRow(plan, [plan.deleteId])} WHERE s.[k] = ${plan.deleteId}${older}`
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

function notThere(plan: SqlServerTable, marks: readonly number[]): string {
  return `NOT EXISTS (SELECT 1 FROM ${plan.target} AS t ${locked} WHERE ${sameRow(plan, marks)})`
}

function sameRow(plan: SqlServerTable, marks: readonly number[]): string {
  return plan.primaryKeys.map((_, index) => sameKey(plan, index, marks)).join(' AND ')
}

/**
 * The value in the column's own type and collation, so that the key's index is used. Where that collation takes `a` for `A`, a
 * comparison by code comes on top: an INSERT of `A` next to `a` then meets the unique index and fails, instead of changing another row.
 */
function sameKey(plan: SqlServerTable, index: number, marks: readonly number[]): string {
  const { quoted, collation } = columnAt(plan, index)
  const value = stagedValue(plan, index, marks)
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
function stagedValue(plan: SqlServerTable, index: number, marks: readonly number[]): string {
  const { cast, float, collation } = columnAt(plan, index)
  const value = castValue(plan, index)
  const neverFails = cast === undefined || float || collation !== undefined
  return neverFails ? value : `CASE WHEN ${isMarked(marks)} THEN ${value} END`
}

function castValue(plan: SqlServerTable, index: number): string {
  const { cast, float } = columnAt(plan, index)
  const slot = `s.[${plan.slots[index]}]`
  return cast === undefined || float ? slot : `CAST(${slot} AS ${cast})`
}
