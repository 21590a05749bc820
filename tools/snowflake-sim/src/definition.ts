import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ColumnDefinition, Statement } from './ast.js'
import { type Catalog, type Column, displayName, keyOf, type ObjectName, type Stage, type Table } from './catalog.js'
import { type Outcome, statusOutcome } from './result.js'
import type { CompiledQuery } from './scope.js'
import type { Session } from './session.js'
import { accessDenied, columnExists, columnMissing, objectExists, objectMissing, tableMissing } from './sql-error.js'

export interface DefinitionContext {
  readonly catalog: Catalog
  readonly session: Session
  /** Whether the role may create permanent objects. */
  readonly createDenied: boolean
  query(query: Extract<Statement, { kind: 'query' }>['query']): CompiledQuery
}

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>

export function createTable(statement: Of<'create-table'>, context: DefinitionContext): Outcome {
  const { catalog, session } = context
  const name = catalog.qualify(statement.table, session)
  if (context.createDenied && !statement.temporary) throw accessDenied('schema', name.schema)
  const home = statement.temporary ? session.temporaryTables : catalog.tables
  const shown = displayName([name.object])
  if (home.has(keyOf(name)) && !statement.orReplace) {
    if (!statement.ifNotExists) throw objectExists(displayName(statement.table))
    return statusOutcome(`${shown} already exists, statement succeeded.`)
  }
  home.set(keyOf(name), buildTable(statement, name, context))
  return statusOutcome(`Table ${shown} successfully created.`)
}

function buildTable(statement: Of<'create-table'>, name: ObjectName, context: DefinitionContext): Table {
  const model = statement.like && context.catalog.table(statement.like, context.session)
  const query = statement.query && context.query(statement.query)
  const selected = query?.columns.map((column) => ({ name: column.name, type: column.type, nullable: true }))
  const columns =
    model?.columns ?? selected ?? statement.columns.map((column) => columnOf(column, statement.primaryKey))
  const repeated = columns.find((column, index) => columns.findIndex((other) => other.name === column.name) !== index)
  if (repeated !== undefined) throw columnExists(repeated.name)
  for (const key of statement.primaryKey) {
    if (!columns.some((column) => column.name === key)) throw columnMissing(displayName([key]))
  }
  return {
    name,
    columns,
    primaryKey: model?.primaryKey ?? statement.primaryKey,
    rows: query?.run() ?? [],
    temporary: statement.temporary,
    loadedFiles: new Set(),
    waiting: [],
  }
}

/** A primary key makes its columns NOT NULL; it is not enforced otherwise, as in the real service. */
const columnOf = (column: ColumnDefinition, primaryKey: readonly string[]): Column => ({
  name: column.name,
  type: column.type,
  nullable: column.nullable && !primaryKey.includes(column.name),
})

export function createStage(statement: Of<'create-stage'>, context: DefinitionContext): Outcome {
  const name = context.catalog.qualify(statement.stage, context.session)
  if (context.createDenied && !statement.temporary) throw accessDenied('schema', name.schema)
  const home = statement.temporary ? context.session.temporaryStages : context.catalog.stages
  const existing = home.get(keyOf(name))
  const shown = displayName([name.object])
  if (existing !== undefined && !statement.orReplace) {
    if (!statement.ifNotExists) throw objectExists(shown)
    return statusOutcome(`${shown} already exists, statement succeeded.`)
  }
  if (existing !== undefined) removeFolder(existing)
  const folder = mkdtempSync(join(tmpdir(), 'snowflake-sim-stage-'))
  mkdirSync(folder, { recursive: true })
  home.set(keyOf(name), { name, folder, temporary: statement.temporary })
  return statusOutcome(`Stage area ${shown} successfully created.`)
}

const removeFolder = (stage: Stage) => rmSync(stage.folder, { recursive: true, force: true })

export function createSchema(
  statement: Of<'create-schema'>,
  { catalog, session, createDenied }: DefinitionContext,
): Outcome {
  const [schema = '', given] = [...statement.name].reverse()
  const database = given ?? session.database ?? ''
  if (!catalog.databases.has(database)) throw objectMissing('Database', displayName([database]))
  if (createDenied) throw accessDenied('database', database)
  if (catalog.hasSchema(database, schema) && !statement.ifNotExists) throw objectExists(displayName([schema]))
  catalog.addSchema(database, schema)
  session.schema = schema
  return statusOutcome(`Schema ${displayName([schema])} successfully created.`)
}

export function dropObject(statement: Of<'drop'>, { catalog, session }: DefinitionContext): Outcome {
  if (statement.object === 'SCHEMA') throw objectMissing('Schema', displayName(statement.name))
  const name = catalog.qualify(statement.name, session)
  const shown = displayName([name.object])
  const homes =
    statement.object === 'TABLE' ? [session.temporaryTables, catalog.tables] : [session.temporaryStages, catalog.stages]
  const home = homes.find((candidate) => candidate.has(keyOf(name)))
  if (home === undefined) {
    if (statement.ifExists) return statusOutcome('Drop statement executed successfully.')
    throw statement.object === 'TABLE' ? tableMissing(displayName(statement.name)) : objectMissing('Stage', shown)
  }
  const dropped = home.get(keyOf(name))
  if (dropped !== undefined && 'folder' in dropped) removeFolder(dropped)
  home.delete(keyOf(name))
  return statusOutcome(`${shown} successfully dropped.`)
}

export function addColumns(statement: Of<'add-columns'>, { catalog, session }: DefinitionContext): Outcome {
  const table = catalog.table(statement.table, session)
  const known = new Set(table.columns.map((column) => column.name))
  const wanted = statement.columns.filter((column) => !(column.ifNotExists && known.has(column.name)))
  const repeated = wanted.find((column) => known.has(column.name))
  if (repeated !== undefined) throw columnExists(displayName([repeated.name]))
  table.columns = [...table.columns, ...wanted.map((column) => columnOf(column, []))]
  table.rows = table.rows.map((row) => [...row, ...wanted.map(() => null)])
  return statusOutcome('Statement executed successfully.')
}

export function dropColumn(statement: Of<'drop-column'>, { catalog, session }: DefinitionContext): Outcome {
  const table = catalog.table(statement.table, session)
  const position = table.columns.findIndex((column) => column.name === statement.column)
  if (position < 0) throw columnMissing(displayName([statement.column]))
  table.columns = table.columns.toSpliced(position, 1)
  table.rows = table.rows.map((row) => row.toSpliced(position, 1))
  return statusOutcome('Statement executed successfully.')
}

export function renameTable(statement: Of<'rename' | 'swap'>, context: DefinitionContext): Outcome {
  const { catalog, session } = context
  const table = catalog.table(statement.table, session)
  const other = catalog.findTable(statement.target, session)
  if (statement.kind === 'rename' && other !== undefined) throw objectExists(displayName(statement.target))
  if (statement.kind === 'swap' && other === undefined) throw tableMissing(displayName(statement.target))
  const from = table.name
  const to = catalog.qualify(statement.target, session)
  homeOf(table, context).delete(keyOf(from))
  if (other !== undefined) place(other, from, context)
  place(table, to, context)
  return statusOutcome('Statement executed successfully.')
}

const homeOf = (table: Table, { catalog, session }: DefinitionContext) =>
  table.temporary ? session.temporaryTables : catalog.tables

function place(table: Table, name: ObjectName, context: DefinitionContext): void {
  table.name = name
  homeOf(table, context).set(keyOf(name), table)
}
