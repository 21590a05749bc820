import { type ColumnSet, tombstoneTable } from '@eds/sql'
import { type PostgresColumn, quotedGuardColumn } from './dialect.js'
import { quoteIdentifier, quoteLiteral } from './identifier.js'
import type { PostgresTable } from './plan.js'

/**
 * Rows that have been sent to the server, as a relation `s` with the columns `n` (index of the event), `m` (position of the change,
 * with a guard only), and `c0`, `c1`, … (the plan's columns, as text).
 */
export interface SentRows {
  /** What stands behind FROM, alias included. */
  readonly relation: string
  /** Which of its rows are meant. */
  readonly where: string
}

/** Inserts rows, or sets exactly the set's columns of those that are there. */
export function upsertStatement(plan: PostgresTable, set: ColumnSet, rows: SentRows): string {
  const carried = columnsOf(plan, set)
  const filled = plan.columns.filter(({ fill }, index) => fill !== undefined && !set.columns.includes(index))
  const names = [...carried.map(({ column }) => column.quoted), ...filled.map(({ quoted }) => quoted)]
  const values = [...carried.map(({ value }) => value), ...filled.map(({ fill }) => fill)]
  if (plan.guard) {
    names.push(quotedGuardColumn)
    values.push('s.m')
  }
  return [
    `INSERT INTO ${plan.target} AS t (${names.join(', ')})${plan.overridesIdentity ? ' OVERRIDING SYSTEM VALUE' : ''}`,
    `SELECT ${values.join(', ')} FROM ${rows.relation} WHERE ${rows.where}${plan.guard ? ` AND ${notBuried(plan)}` : ''}`,
    `ON CONFLICT (${keysOf(plan)
      .map(({ quoted }) => quoted)
      .join(', ')}) ${onConflict(plan, set)}`,
  ].join(' ')
}

function onConflict(plan: PostgresTable, set: ColumnSet): string {
  const names = columnsOf(plan, set)
    .slice(plan.primaryKeys.length)
    .map(({ column }) => column.quoted)
  if (plan.guard) names.push(quotedGuardColumn)
  if (names.length === 0) return 'DO NOTHING'
  const assignments = names.map((name) => `${name} = excluded.${name}`).join(', ')
  return `DO UPDATE SET ${assignments}${plan.guard ? ` WHERE ${notNewer('excluded._eds_mvcc')}` : ''}`
}

/**
 * Sets exactly the set's columns of rows that are there, for sets that cannot make a row. Answers with `n` of the rows that are not
 * there.
 */
export function updateStatement(plan: PostgresTable, set: ColumnSet, rows: SentRows): string {
  const assignments = columnsOf(plan, set)
    .slice(plan.primaryKeys.length)
    .map(({ column, value }) => `${column.quoted} = ${value}`)
  if (plan.guard) assignments.push(`${quotedGuardColumn} = s.m`)
  const update =
    assignments.length === 0
      ? ''
      : `WITH updated AS (UPDATE ${plan.target} AS t SET ${assignments.join(', ')} FROM ${rows.relation} ` +
        `WHERE ${rows.where} AND ${sameRow(plan)}${plan.guard ? ` AND ${notNewer('s.m')}` : ''}) `
  return (
    `${update}SELECT s.n FROM ${rows.relation} WHERE ${rows.where} ` +
    `AND NOT EXISTS (SELECT 1 FROM ${plan.target} AS t WHERE ${sameRow(plan)})${plan.guard ? ` AND ${notBuried(plan)}` : ''}`
  )
}

/** Deletes rows by key. */
export function deleteStatement(plan: PostgresTable, rows: SentRows): string {
  const older = plan.guard ? ` AND ${notNewer('s.m')}` : ''
  return `DELETE FROM ${plan.target} AS t USING ${rows.relation} WHERE ${rows.where} AND ${sameRow(plan)}${older}`
}

/** Remembers when rows were deleted. */
export function buryStatement(plan: PostgresTable, rows: SentRows): string {
  return (
    `INSERT INTO ${tombstones(plan)} AS x (table_name, key, mvcc, deleted_at) ` +
    `SELECT ${quoteLiteral(plan.table)}, ${keyText(plan)}, s.m, now() FROM ${rows.relation} WHERE ${rows.where} ` +
    'ON CONFLICT (table_name, key) DO UPDATE SET mvcc = greatest(x.mvcc, excluded.mvcc), deleted_at = excluded.deleted_at'
  )
}

/** True for a row that no change newer than this one has deleted. */
function notBuried(plan: PostgresTable): string {
  const conditions = `x.table_name = ${quoteLiteral(plan.table)} AND x.key = ${keyText(plan)} AND x.mvcc > s.m`
  return `NOT EXISTS (SELECT 1 FROM ${tombstones(plan)} AS x WHERE ${conditions})`
}

function tombstones({ schema }: PostgresTable): string {
  return `${schema}.${quoteIdentifier(tombstoneTable)}`
}

/** The key in the database's own spelling, so that `01` and `1` in a BIGINT column are one. */
function keyText(plan: PostgresTable): string {
  return `jsonb_build_array(${keysOf(plan)
    .map((column, index) => stagedValue(column, index))
    .join(', ')})::text`
}

/** True when what is stored is not newer than the position given: the same change may come again. */
function notNewer(position: string): string {
  return `(t._eds_mvcc IS NULL OR t._eds_mvcc <= ${position})`
}

function sameRow(plan: PostgresTable): string {
  return keysOf(plan)
    .map((column, index) => `t.${column.quoted} = ${stagedValue(column, index)}`)
    .join(' AND ')
}

function keysOf({ columns, primaryKeys }: PostgresTable): readonly PostgresColumn[] {
  return columns.slice(0, primaryKeys.length)
}

function columnsOf({ columns }: PostgresTable, set: ColumnSet): { column: PostgresColumn; value: string }[] {
  return set.columns.map((index) => {
    const column = columns[index] as PostgresColumn
    return { column, value: stagedValue(column, index) }
  })
}

function stagedValue({ cast }: PostgresColumn, index: number): string {
  return `s.c${index}${cast}`
}
