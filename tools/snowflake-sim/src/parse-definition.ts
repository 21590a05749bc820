import type { ColumnDefinition, Statement } from './ast.js'
import { parseType } from './parse-expression.js'
import { parseQuery } from './parse-query.js'
import { parseOptions } from './parse-stage.js'
import type { TokenReader } from './token-reader.js'

/** CREATE, DROP and ALTER TABLE. */
export function parseDefinition(reader: TokenReader): Statement {
  if (reader.take('CREATE')) return parseCreate(reader)
  if (reader.take('DROP')) return parseDrop(reader)
  reader.expect('ALTER', 'TABLE')
  return parseAlter(reader)
}

function parseCreate(reader: TokenReader): Statement {
  const orReplace = reader.take('OR', 'REPLACE')
  const temporary = reader.take('TEMPORARY') || reader.take('TEMP')
  if (!temporary) reader.take('TRANSIENT')
  if (reader.take('SCHEMA')) {
    const ifNotExists = reader.take('IF', 'NOT', 'EXISTS')
    return { kind: 'create-schema', name: reader.qualifiedName(), ifNotExists }
  }
  if (reader.take('STAGE')) {
    const ifNotExists = reader.take('IF', 'NOT', 'EXISTS')
    const stage = reader.qualifiedName()
    parseOptions(reader)
    return { kind: 'create-stage', stage, temporary, orReplace, ifNotExists }
  }
  reader.expect('TABLE')
  const ifNotExists = reader.take('IF', 'NOT', 'EXISTS')
  const table = reader.qualifiedName()
  return { kind: 'create-table', table, ...parseTableBody(reader), temporary, orReplace, ifNotExists }
}

function parseTableBody(reader: TokenReader) {
  if (reader.take('LIKE')) return { columns: [], primaryKey: [], like: reader.qualifiedName() }
  if (reader.take('AS')) return { columns: [], primaryKey: [], query: parseQuery(reader) }
  const columns: ColumnDefinition[] = []
  let primaryKey: readonly string[] = []
  reader.parenthesized(() => {
    if (reader.take('CONSTRAINT')) reader.name()
    if (reader.take('PRIMARY', 'KEY')) primaryKey = reader.nameList()
    else columns.push(parseColumn(reader, false))
  })
  const inline = columns.filter((column) => column.primaryKey).map((column) => column.name)
  return { columns, primaryKey: primaryKey.length > 0 ? primaryKey : inline }
}

function parseColumn(reader: TokenReader, ifNotExists: boolean): ColumnDefinition {
  const name = reader.name()
  const type = parseType(reader)
  let nullable = true
  let primaryKey = false
  for (;;) {
    if (reader.take('NOT', 'NULL')) nullable = false
    else if (reader.take('PRIMARY', 'KEY')) primaryKey = true
    else if (!reader.take('NULL')) return { name, type, nullable, primaryKey, ifNotExists }
  }
}

function parseDrop(reader: TokenReader): Statement {
  const object = (['TABLE', 'STAGE', 'SCHEMA'] as const).find((word) => reader.take(word)) ?? reader.fail()
  const ifExists = reader.take('IF', 'EXISTS')
  return { kind: 'drop', object, name: reader.qualifiedName(), ifExists }
}

function parseAlter(reader: TokenReader): Statement {
  reader.take('IF', 'EXISTS')
  const table = reader.qualifiedName()
  if (reader.take('SWAP', 'WITH')) return { kind: 'swap', table, target: reader.qualifiedName() }
  if (reader.take('RENAME', 'TO')) return { kind: 'rename', table, target: reader.qualifiedName() }
  if (reader.take('DROP', 'COLUMN')) return { kind: 'drop-column', table, column: reader.name() }
  reader.expect('ADD')
  const columns = reader.list(() => {
    reader.take('COLUMN')
    return parseColumn(reader, reader.take('IF', 'NOT', 'EXISTS'))
  })
  return { kind: 'add-columns', table, columns }
}
