import type { SnowflakeColumn } from './dialect.js'
import { quotedGuardColumn } from './dialect.js'
import type { SnowflakeTable } from './plan.js'
import type { StagedSet, TableWork } from './stage-writer.js'

/** A statement of a batch. Its binds are the batch's number wherever a `?` stands, except where said otherwise. */
export interface Statement {
  readonly table: string
  readonly text: string
  readonly binds: readonly (string | number)[]
}

/** A MERGE of more clauses than this gets long; the rest goes into another. */
const maxSetsPerMerge = 20

/**
 * Columns of a stage, which is a temporary table of one target. `b`: number of the batch; `k`: mark of the set; `n`: index of the
 * event; with a guard `m`: position of the change, and `x`: the key as one text; `c0`, `c1`, …: the columns of the plan, as text.
 */
export function stageColumns({ guard, columns }: SnowflakeTable): string[] {
  return ['b', 'k', 'n', ...(guard ? ['m', 'x'] : []), ...columns.map((_, index) => `c${index}`)]
}

export function createStageStatement(plan: SnowflakeTable, stage: string): string {
  const types: Readonly<Record<string, string>> = { b: 'INTEGER', k: 'INTEGER', n: 'INTEGER' }
  const columns = stageColumns(plan).map((name) => `"${name}" ${types[name] ?? 'STRING'}`)
  return `CREATE OR REPLACE TEMPORARY TABLE ${stage} (${columns.join(', ')})`
}

/** Takes arrays of binds, one row each: the number of the batch, then a staged row. */
export function insertStageStatement(plan: SnowflakeTable, stage: string): string {
  const names = stageColumns(plan)
  const columns = names.map((name) => `"${name}"`).join(', ')
  return `INSERT INTO ${stage} (${columns}) VALUES (${names.map(() => '?').join(', ')})`
}

/** What is done with the staged rows of one table, in this order, in a transaction. The first answers with `n` when `answers`. */
export function applyStatements(work: TableWork, stage: string, batch: number, deletedAt: string): Statement[] {
  const { plan, deletes, sets } = work
  const { table } = plan
  const statements: Statement[] = []
  for (let from = 0; from === 0 || from < sets.length; from += maxSetsPerMerge) {
    const some = sets.slice(from, from + maxSetsPerMerge)
    const binds = [...(plan.guard ? [table] : []), batch]
    statements.push({ table, text: mergeStatement(plan, some, deletes && from === 0, stage), binds })
  }
  if (plan.guard && deletes) {
    statements.push({ table, text: buryStatement(plan, stage), binds: [table, deletedAt, batch] })
  }
  return statements
}

/** Applies deletes and the rows of some sets. */
function mergeStatement(plan: SnowflakeTable, sets: readonly StagedSet[], deletes: boolean, stage: string): string {
  const marks = [...(deletes ? [plan.deleteId] : []), ...sets.map(({ mark }) => mark)]
  const clauses = [
    ...(deletes ? [deleteClause(plan)] : []),
    ...sets.flatMap((set) => updateClause(plan, set)),
    ...sets.flatMap((set) => insertClause(plan, set)),
  ]
  return [
    `MERGE INTO ${plan.target} AS t USING (${sourceQuery(plan, sets, marks, stage)}) AS s ON ${sameRow(plan)}`,
    ...clauses,
  ].join(' ')
}

/** The staged rows with their texts as values. Binds: the table's name with a guard, and the number of the batch. */
function sourceQuery(
  plan: SnowflakeTable,
  sets: readonly StagedSet[],
  marks: readonly number[],
  stage: string,
): string {
  const used = new Set(sets.flatMap(({ set }) => set.columns))
  const items = plan.columns.flatMap(({ cast }, index) =>
    index < plan.primaryKeys.length || used.has(index) ? [`${cast(`r."c${index}"`)} AS "c${index}"`] : [],
  )
  const guard = plan.guard ? ['r."m"::NUMBER(38,10) AS "m"', 'x."mvcc" AS "buried"'] : []
  return (
    `SELECT r."k", ${[...guard, ...items].join(', ')} FROM ${stage} AS r${plan.guard ? ` ${joinTombstones(plan)}` : ''} ` +
    `WHERE r."b" = ? AND r."k" IN (${marks.join(', ')})`
  )
}

/** Meets only deletions newer than the change. Bind: the table's name. */
function joinTombstones({ tombstones }: SnowflakeTable): string {
  return `LEFT JOIN ${tombstones} AS x ON x."table_name" = ? AND x."key" = r."x" AND x."mvcc" > r."m"::NUMBER(38,10)`
}

function deleteClause(plan: SnowflakeTable): string {
  return `WHEN MATCHED AND s."k" = ${plan.deleteId}${plan.guard ? ` AND ${notNewer}` : ''} THEN DELETE`
}

function updateClause(plan: SnowflakeTable, staged: StagedSet): string[] {
  const assignments = assignmentsOf(plan, staged)
  if (assignments.length === 0) return []
  const condition = `s."k" = ${staged.mark}${plan.guard ? ` AND ${notNewer}` : ''}`
  return [`WHEN MATCHED AND ${condition} THEN UPDATE SET ${assignments.join(', ')}`]
}

function insertClause(plan: SnowflakeTable, staged: StagedSet): string[] {
  if (!staged.set.insertable) return []
  const [names, values] = newRow(plan, staged)
  const condition = `s."k" = ${staged.mark}${plan.guard ? ' AND s."buried" IS NULL' : ''}`
  return [`WHEN NOT MATCHED AND ${condition} THEN INSERT (${names.join(', ')}) VALUES (${values.join(', ')})`]
}

function assignmentsOf(plan: SnowflakeTable, { set, renewal }: StagedSet): string[] {
  const assignments = plan.columns.flatMap(({ quoted, fill, notNull }, index) => {
    if (index < plan.primaryKeys.length) return []
    if (set.columns.includes(index)) return [`t.${quoted} = s."c${index}"`]
    if (!renewal || (notNull && fill === undefined)) return []
    return [`t.${quoted} = ${fill ?? 'NULL'}`]
  })
  if (renewal) assignments.push(...plan.otherColumns.map((quoted) => `t.${quoted} = NULL`))
  return plan.guard ? [...assignments, `t.${quotedGuardColumn} = s."m"`] : assignments
}

function newRow(plan: SnowflakeTable, { set }: StagedSet): [names: string[], values: string[]] {
  const cells = plan.columns.flatMap(({ quoted, fill }: SnowflakeColumn, index): (readonly [string, string])[] => {
    if (set.columns.includes(index)) return [[quoted, `s."c${index}"`]]
    return fill === undefined ? [] : [[quoted, fill]]
  })
  if (plan.guard) cells.push([quotedGuardColumn, 's."m"'])
  return [cells.map(([name]) => name), cells.map(([, value]) => value)]
}

/** Answers with `n` of the rows that are not there, of sets that cannot make a row; absent when there is no such set. */
export function missingStatement({ plan, sets }: TableWork, stage: string, batch: number): Statement | undefined {
  const marks = sets.flatMap(({ set, mark }) => (set.insertable ? [] : [mark]))
  if (marks.length === 0) return undefined
  const keys = keysOf(plan)
  const same = keys.map(({ quoted, cast }, index) => `t.${quoted} = ${cast(`r."c${index}"`)}`).join(' AND ')
  const text =
    `SELECT r."n" AS "n" FROM ${stage} AS r LEFT JOIN ${plan.target} AS t ON ${same}${plan.guard ? ` ${joinTombstones(plan)}` : ''} ` +
    `WHERE r."b" = ? AND r."k" IN (${marks.join(', ')}) AND t.${keys[0]?.quoted} IS NULL${plan.guard ? ' AND x."mvcc" IS NULL' : ''}`
  return { table: plan.table, text, binds: [...(plan.guard ? [plan.table] : []), batch] }
}

/** Remembers when rows were deleted. Binds: the table's name, the time, the number of the batch. */
function buryStatement(plan: SnowflakeTable, stage: string): string {
  return (
    `MERGE INTO ${plan.tombstones} AS x USING (SELECT ? AS "table_name", TO_TIMESTAMP_NTZ(?) AS "deleted_at", ` +
    `r."x" AS "key", r."m"::NUMBER(38,10) AS "mvcc" FROM ${stage} AS r WHERE r."b" = ? AND r."k" = ${plan.deleteId}) AS s ` +
    'ON x."table_name" = s."table_name" AND x."key" = s."key" ' +
    'WHEN MATCHED AND x."mvcc" <= s."mvcc" THEN UPDATE SET x."mvcc" = s."mvcc", x."deleted_at" = s."deleted_at" ' +
    'WHEN NOT MATCHED THEN INSERT ("table_name", "key", "mvcc", "deleted_at") ' +
    'VALUES (s."table_name", s."key", s."mvcc", s."deleted_at")'
  )
}

/** True when what is stored is not newer than the change: the same change may come again. */
const notNewer = `(t.${quotedGuardColumn} IS NULL OR t.${quotedGuardColumn} <= s."m")`

function sameRow(plan: SnowflakeTable): string {
  return keysOf(plan)
    .map(({ quoted }, index) => `t.${quoted} = s."c${index}"`)
    .join(' AND ')
}

function keysOf({ columns, primaryKeys }: SnowflakeTable): readonly SnowflakeColumn[] {
  return columns.slice(0, primaryKeys.length)
}
