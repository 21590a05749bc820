import type { Assignment, Expression, MergeClause, Statement, TableSource } from './ast.js'
import { parseDefinition } from './parse-definition.js'
import { parseExpression } from './parse-expression.js'
import { parseQuery, parseSource, parseValueRows } from './parse-query.js'
import { parseCopy, parseOptions, parsePut, stageName } from './parse-stage.js'
import { TokenReader } from './token-reader.js'

export interface ParsedStatement {
  readonly statement: Statement
  readonly text: string
}

/** All statements of a text, separated by semicolons; binds are numbered through all of them. */
export function parseStatements(text: string): readonly ParsedStatement[] {
  const put = parsePut(text)
  if (put !== undefined) return [{ statement: put, text }]
  const reader = new TokenReader(text)
  const found: ParsedStatement[] = []
  while (reader.take(';'));
  while (reader.peek().kind !== 'end') {
    const start = reader.peek().start
    const statement = parseStatement(reader)
    const end = reader.peek().start
    if (reader.peek().kind !== 'end' && !reader.is(';')) reader.fail()
    while (reader.take(';'));
    found.push({ statement, text: text.slice(start, end).trim() })
  }
  return found.length > 0 ? found : reader.fail()
}

function parseStatement(reader: TokenReader): Statement {
  if (reader.is('SELECT')) return { kind: 'query', query: parseQuery(reader) }
  if (reader.take('INSERT')) return parseInsert(reader)
  if (reader.take('UPDATE')) return parseUpdate(reader)
  if (reader.take('DELETE', 'FROM')) return parseDelete(reader)
  if (reader.take('MERGE', 'INTO')) return parseMerge(reader)
  if (reader.take('COPY', 'INTO')) return parseCopy(reader)
  if (reader.take('TRUNCATE')) return parseTruncate(reader)
  if (reader.take('REMOVE') || reader.take('RM')) return { kind: 'remove', stage: stageName(reader) }
  if (reader.take('LIST') || reader.take('LS')) return { kind: 'list', stage: stageName(reader) }
  if (reader.take('BEGIN') || reader.take('START', 'TRANSACTION')) return parseBegin(reader)
  if (reader.take('COMMIT')) return { kind: 'commit' }
  if (reader.take('ROLLBACK')) return { kind: 'rollback' }
  if (reader.take('ALTER', 'SESSION', 'SET')) return { kind: 'set', parameters: parseOptions(reader) }
  if (reader.take('ALTER', 'SESSION', 'UNSET')) return { kind: 'unset', names: reader.list(() => reader.name()) }
  if (reader.take('USE')) return parseUse(reader)
  if (reader.take('SHOW', 'PRIMARY', 'KEYS', 'IN')) return parseShowKeys(reader)
  return parseDefinition(reader)
}

function parseBegin(reader: TokenReader): Statement {
  if (!reader.take('TRANSACTION')) reader.take('WORK')
  return { kind: 'begin' }
}

function parseShowKeys(reader: TokenReader): Statement {
  reader.take('TABLE')
  return { kind: 'show', what: 'PRIMARY KEYS', table: reader.qualifiedName() }
}

function parseUse(reader: TokenReader): Statement {
  const object = (['WAREHOUSE', 'ROLE', 'DATABASE', 'SCHEMA'] as const).find((word) => reader.take(word)) ?? 'DATABASE'
  return { kind: 'use', object, name: reader.qualifiedName() }
}

function parseTruncate(reader: TokenReader): Statement {
  reader.take('TABLE')
  const ifExists = reader.take('IF', 'EXISTS')
  return { kind: 'truncate', table: reader.qualifiedName(), ifExists }
}

function parseInsert(reader: TokenReader): Statement {
  const overwrite = reader.take('OVERWRITE')
  reader.expect('INTO')
  const table = reader.qualifiedName()
  const columns = reader.is('(') && !reader.is('(', 'SELECT') ? reader.nameList() : []
  return { kind: 'insert', table, columns, overwrite, source: parseInsertSource(reader) }
}

function parseInsertSource(reader: TokenReader): TableSource {
  if (reader.is('VALUES')) return { kind: 'values', rows: parseValueRows(reader), alias: '' }
  const wrapped = reader.take('(')
  const query = parseQuery(reader)
  if (wrapped) reader.expect(')')
  return { kind: 'query', query, alias: '' }
}

function parseUpdate(reader: TokenReader): Statement {
  const table = parseSource(reader)
  reader.expect('SET')
  const assignments = reader.list(() => parseAssignment(reader))
  const from = reader.take('FROM') ? parseSource(reader) : undefined
  return { kind: 'update', table, assignments, ...(from && { from }), ...parseWhere(reader) }
}

function parseDelete(reader: TokenReader): Statement {
  const table = parseSource(reader)
  const using = reader.take('USING') ? parseSource(reader) : undefined
  return { kind: 'delete', table, ...(using && { using }), ...parseWhere(reader) }
}

function parseWhere(reader: TokenReader): { readonly where?: Expression } {
  return reader.take('WHERE') ? { where: parseExpression(reader) } : {}
}

/** `column = value`; the column may carry the table's alias. */
function parseAssignment(reader: TokenReader): Assignment {
  const column = reader.qualifiedName().at(-1) ?? reader.fail()
  reader.expect('=')
  return { column, value: parseExpression(reader) }
}

function parseMerge(reader: TokenReader): Statement {
  const table = parseSource(reader)
  reader.expect('USING')
  const source = parseSource(reader)
  reader.expect('ON')
  const on = parseExpression(reader)
  const clauses: MergeClause[] = []
  while (reader.take('WHEN')) clauses.push(parseMergeClause(reader))
  if (clauses.length === 0) reader.fail()
  return { kind: 'merge', table, source, on, clauses }
}

function parseMergeClause(reader: TokenReader): MergeClause {
  const matched = !reader.take('NOT')
  reader.expect('MATCHED')
  const condition = reader.take('AND') ? parseExpression(reader) : undefined
  reader.expect('THEN')
  const action = matched ? parseMatchedAction(reader) : parseInsertAction(reader)
  return { matched, action, ...(condition && { condition }) }
}

function parseMatchedAction(reader: TokenReader): MergeClause['action'] {
  if (reader.take('DELETE')) return { kind: 'delete' }
  reader.expect('UPDATE', 'SET')
  return { kind: 'update', assignments: reader.list(() => parseAssignment(reader)) }
}

function parseInsertAction(reader: TokenReader): MergeClause['action'] {
  reader.expect('INSERT')
  const columns = reader.is('(') ? reader.nameList() : []
  reader.expect('VALUES')
  return { kind: 'insert', columns, values: reader.parenthesized(() => parseExpression(reader)) }
}
