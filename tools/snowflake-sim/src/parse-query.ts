import type { Expression, Join, Query, SelectItem, TableSource } from './ast.js'
import { parseExpression, parseOrderings } from './parse-expression.js'
import type { TokenReader } from './token-reader.js'

export function parseQuery(reader: TokenReader): Query {
  reader.expect('SELECT')
  const distinct = reader.take('DISTINCT')
  const items = reader.list(() => parseItem(reader))
  const from = reader.take('FROM') ? parseSource(reader) : undefined
  const joins = from === undefined ? [] : parseJoins(reader)
  const where = reader.take('WHERE') ? parseExpression(reader) : undefined
  const groupBy = reader.take('GROUP', 'BY') ? reader.list(() => parseExpression(reader)) : []
  const qualify = reader.take('QUALIFY') ? parseExpression(reader) : undefined
  const unionAll = reader.take('UNION', 'ALL') ? parseQuery(reader) : undefined
  const orderBy = reader.take('ORDER', 'BY') ? parseOrderings(reader) : []
  const limit = reader.take('LIMIT') ? reader.integer() : undefined
  return {
    items,
    distinct,
    joins,
    groupBy,
    orderBy,
    ...(from && { from }),
    ...(where && { where }),
    ...(qualify && { qualify }),
    ...(unionAll && { unionAll }),
    ...(limit !== undefined && { limit }),
  }
}

function parseItem(reader: TokenReader): SelectItem {
  if (reader.take('*')) return { kind: 'all' }
  const ahead = reader.peek(1).text === '.' && reader.peek(2).kind === 'symbol' && reader.peek(2).text === '*'
  if (ahead) {
    const qualifier = reader.name()
    reader.expect('.', '*')
    return { kind: 'all', qualifier }
  }
  const expression = parseExpression(reader)
  const alias = reader.alias()
  return { kind: 'expression', expression, ...(alias !== undefined && { alias }) }
}

function parseJoins(reader: TokenReader): readonly Join[] {
  const joins: Join[] = []
  for (;;) {
    const left = reader.take('LEFT', 'JOIN') || reader.take('LEFT', 'OUTER', 'JOIN')
    if (!left && !reader.take('JOIN') && !reader.take('INNER', 'JOIN')) return joins
    const source = parseSource(reader)
    reader.expect('ON')
    joins.push({ kind: left ? 'left' : 'inner', source, on: parseExpression(reader) })
  }
}

/** A table, `(SELECT …)` or `(VALUES …)`, each with an optional alias and column names. */
export function parseSource(reader: TokenReader): TableSource {
  if (reader.is('VALUES')) return parseValues(reader)
  if (!reader.take('(')) {
    const name = reader.qualifiedName()
    return { kind: 'table', name, alias: reader.alias() ?? name.at(-1) ?? '' }
  }
  if (reader.is('VALUES')) {
    const rows = parseValueRows(reader)
    reader.expect(')')
    return { kind: 'values', rows, ...parseDerivedAlias(reader) }
  }
  const query = parseQuery(reader)
  reader.expect(')')
  return { kind: 'query', query, ...parseDerivedAlias(reader) }
}

function parseValues(reader: TokenReader): TableSource {
  return { kind: 'values', rows: parseValueRows(reader), ...parseDerivedAlias(reader) }
}

export function parseValueRows(reader: TokenReader): readonly (readonly Expression[])[] {
  reader.expect('VALUES')
  return reader.list(() => reader.parenthesized(() => parseExpression(reader)))
}

function parseDerivedAlias(reader: TokenReader) {
  const alias = reader.alias() ?? ''
  return reader.is('(') ? { alias, columns: reader.nameList() } : { alias }
}
