import type { ColumnDefinition, Name, Statement } from '../sql/ast.js'
import { fitColumn } from './change-rows.js'
import { compile } from './compile.js'
import { convertForColumn } from './convert.js'
import type { Session } from './session.js'
import { splitName } from './split-name.js'
import { SqlError } from './sql-error.js'
import type { Column, Table } from './table.js'

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>

function toColumn(definition: ColumnDefinition): Column {
  const { primaryKey: _inKey, ...column } = definition
  return column
}

export function createTable(session: Session, statement: Of<'createTable'>): void {
  checkUnique(statement.columns)
  const inKey = new Set(statement.key.map((name) => name.toLowerCase()))
  const columns = statement.columns.map((definition) => {
    const column = toColumn(definition)
    return inKey.has(column.name.toLowerCase()) ? { ...column, nullable: false } : column
  })
  checkKeyTypes(columns, inKey)
  session.createTable(statement.table, columns, statement.key)
}

function checkUnique(columns: readonly { readonly name: string }[]): void {
  const seen = new Set<string>()
  for (const { name } of columns) {
    if (seen.has(name.toLowerCase())) {
      throw new SqlError(
        2705,
        `Column names in each table must be unique. Column name '${name}' is specified more than once.`,
        { reach: 'batch' },
      )
    }
    seen.add(name.toLowerCase())
  }
}

function checkKeyTypes(columns: readonly Column[], key: ReadonlySet<string>): void {
  for (const { name, type } of columns) {
    const isLong = type.length === 0 && ['nvarchar', 'varchar', 'varbinary'].includes(type.name)
    if (!isLong || !key.has(name.toLowerCase())) continue
    throw new SqlError(1919, `Column '${name}' is of a type that is invalid for use as a key column in an index.`, {
      reach: 'batch',
    })
  }
}

export function addColumns(session: Session, statement: Of<'addColumns'>): void {
  const table = session.alterableTable(statement.table)
  const added = statement.columns.map(toColumn)
  checkUnique([...table.columns, ...added])
  const fills = added.map((column) => {
    if (!column.nullable && !column.fallback && table.rows.size > 0) {
      throw new SqlError(
        4901,
        `ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition specified. Column '${column.name}' cannot be added to non-empty table '${table.name}'.`,
      )
    }
    if (column.nullable || !column.fallback) return null
    const fallback = compile(column.fallback, { session, scope: { sources: [] } })
    return convertForColumn(fallback.run([]), fallback.type, column.type, {
      table: table.fullName,
      column: column.name,
    })
  })
  const rows = [...table.rows.values()].map((row) => [...row, ...fills])
  table.reshape({ columns: [...table.columns, ...added], rows }, session.undoLog)
}

export function addKey(session: Session, statement: Of<'addKey'>): void {
  const table = session.alterableTable(statement.table)
  table.reshape({ key: statement.key.map((name) => table.position(name)) }, session.undoLog)
}

export function alterColumn(session: Session, statement: Of<'alterColumn'>): void {
  const table = session.alterableTable(statement.table)
  const position = table.position(statement.column.name)
  const before = table.columns[position]
  if (!before) throw new RangeError('A column was found at no position')
  const columns = table.columns.with(position, { ...toColumn(statement.column), name: before.name })
  const values = [...table.rows.values()]
  table.reshape({ columns, rows: [] }, session.undoLog)
  const rows = values.map((row) => row.with(position, fitColumn(table, position, row[position] ?? null, before.type)))
  table.reshape({ rows }, session.undoLog)
}

export function dropColumns(session: Session, statement: Of<'dropColumns'>): void {
  const table = session.alterableTable(statement.table)
  const dropped = new Set(statement.columns.map((name) => table.position(name)))
  if (table.key.some((position) => dropped.has(position))) {
    throw new SqlError(4922, 'ALTER TABLE DROP COLUMN failed because one or more objects access this column.')
  }
  const keep = <Item>(items: readonly Item[]) => items.filter((_item, position) => !dropped.has(position))
  const key = table.key.map((position) => position - [...dropped].filter((gone) => gone < position).length)
  table.reshape({ columns: keep(table.columns), key, rows: [...table.rows.values()].map(keep) }, session.undoLog)
}

export function dropTables(session: Session, statement: Of<'dropTable'>): void {
  for (const name of statement.tables) {
    const table = session.findTable(name)
    if (table) session.dropTable(table)
    else if (!statement.ifExists) {
      throw new SqlError(
        3701,
        `Cannot drop the table '${name.join('.')}', because it does not exist or you do not have permission.`,
        { class: 11, state: 5 },
      )
    }
  }
}

export function truncateTable(session: Session, name: Name): void {
  session.alterableTable(name).reshape({ rows: [] }, session.undoLog)
}

export function createSchema({ database, undoLog }: Session, name: string): void {
  const key = name.toLowerCase()
  if (database.schemas.has(key))
    throw new SqlError(2714, `There is already an object named '${name}' in the database.`, { state: 6 })
  database.schemas.set(key, name)
  undoLog.push(() => database.schemas.delete(key))
}

/** `sp_rename N'schema.table', N'new'` and `sp_rename N'schema.table.column', N'new', N'COLUMN'`. */
export function rename(session: Session, from: string, to: string, kind: string | undefined): void {
  const name = splitName(from)
  const isColumn = kind?.toLowerCase() === 'column'
  const table: Table = session.alterableTable(isColumn ? name.slice(0, -1) : name)
  if (!isColumn) {
    session.database.rename(table, to, session.undoLog)
    return
  }
  const position = table.position(name.at(-1) ?? '')
  table.reshape(
    { columns: table.columns.map((column, at) => (at === position ? { ...column, name: to } : column)) },
    session.undoLog,
  )
}
