import { nvarcharType } from '../engine/types.js'
import type { Expression, From, Join, Select, SelectItem, Source } from './ast.js'
import { parseExpression } from './parse-expression.js'
import type { TokenStream } from './token-stream.js'

/** `SELECT … [UNION ALL SELECT …]`. */
export function parseSelect(tokens: TokenStream): Select {
  tokens.expect('select')
  const distinct = tokens.accept('distinct')
  const top = tokens.accept('top') ? parseTop(tokens) : undefined
  const items = tokens.items(() => parseItem(tokens))
  const into = tokens.accept('into') ? tokens.name() : undefined
  const from = tokens.accept('from') ? parseFrom(tokens) : undefined
  const where = tokens.accept('where') ? parseExpression(tokens) : undefined
  const groupBy = tokens.accept('group', 'by') ? tokens.items(() => parseExpression(tokens)) : []
  const unionAll = tokens.accept('union', 'all') ? parseSelect(tokens) : undefined
  const orderBy = tokens.accept('order', 'by') ? tokens.items(() => parseOrder(tokens)) : []
  skipOptions(tokens)
  return {
    items,
    distinct,
    groupBy,
    orderBy,
    ...(top ? { top } : {}),
    ...(into ? { into } : {}),
    ...(from ? { from } : {}),
    ...(where ? { where } : {}),
    ...(unionAll ? { unionAll } : {}),
  }
}

function parseTop(tokens: TokenStream): Expression {
  if (!tokens.accept('(')) return parseTopNumber(tokens)
  const count = parseExpression(tokens)
  tokens.expect(')')
  return count
}

function parseTopNumber(tokens: TokenStream): Expression {
  const text = tokens.next().text
  return { kind: 'literal', value: text, type: nvarcharType(text.length) }
}

function parseOrder(tokens: TokenStream) {
  const expression = parseExpression(tokens)
  const descending = tokens.accept('desc')
  if (!descending) tokens.accept('asc')
  return { expression, descending }
}

function parseItem(tokens: TokenStream): SelectItem {
  if (tokens.accept('*')) return { kind: 'all' }
  if (
    tokens.seesIdentifier() &&
    tokens.peek(1).text === '.' &&
    tokens.peek(2).text === '*' &&
    tokens.peek(2).kind === 'symbol'
  ) {
    const of = tokens.identifier()
    tokens.expect('.', '*')
    return { kind: 'all', of }
  }
  if (tokens.peek().kind === 'variable' && tokens.peek(1).text === '=') {
    const variable = tokens.next().text.toLowerCase()
    tokens.expect('=')
    return { kind: 'assign', variable, expression: parseExpression(tokens) }
  }
  if (tokens.seesIdentifier() && tokens.peek(1).kind === 'symbol' && tokens.peek(1).text === '=') {
    const alias = tokens.identifier()
    tokens.expect('=')
    return { kind: 'expression', expression: parseExpression(tokens), alias }
  }
  const expression = parseExpression(tokens)
  const alias = parseAlias(tokens)
  return { kind: 'expression', expression, ...(alias === undefined ? {} : { alias }) }
}

function parseAlias(tokens: TokenStream): string | undefined {
  if (tokens.accept('as')) {
    const quoted = tokens.peek().kind === 'text' || tokens.peek().kind === 'wideText'
    return quoted ? tokens.next().text : tokens.identifier()
  }
  return tokens.seesIdentifier() ? tokens.identifier() : undefined
}

/** Sources and joins behind FROM. */
export function parseFrom(tokens: TokenStream): From {
  const first = parseSource(tokens)
  const joins: Join[] = []
  for (;;) {
    const how = parseJoinKind(tokens)
    if (!how) return { first, joins }
    const source = parseSource(tokens)
    if (how === 'cross') joins.push({ how, source })
    else {
      tokens.expect('on')
      joins.push({ how, source, on: parseExpression(tokens) })
    }
  }
}

function parseJoinKind(tokens: TokenStream): Join['how'] | undefined {
  if (tokens.accept(',') || tokens.accept('cross', 'join')) return 'cross'
  if (tokens.accept('join') || tokens.accept('inner', 'join')) return 'inner'
  if (tokens.accept('left', 'join') || tokens.accept('left', 'outer', 'join')) return 'left'
  return undefined
}

/** A table with alias and hints, or `(SELECT …) AS s`, or `(VALUES …) AS v([a])`. */
export function parseSource(tokens: TokenStream): Source {
  if (tokens.accept('(')) return parseDerived(tokens)
  const name = tokens.name()
  skipHints(tokens)
  const alias = parseAlias(tokens)
  skipHints(tokens)
  return { kind: 'table', name, ...(alias === undefined ? {} : { alias }) }
}

function parseDerived(tokens: TokenStream): Source {
  const rows = tokens.accept('values') ? tokens.items(() => tokens.list(() => parseExpression(tokens))) : undefined
  const select = rows ? undefined : parseSelect(tokens)
  tokens.expect(')')
  const alias = parseAlias(tokens)
  if (alias === undefined) throw tokens.unexpected()
  const columns = tokens.sees('(') ? tokens.names() : undefined
  if (select) return { kind: 'derived', select, alias, ...(columns ? { columns } : {}) }
  if (!rows || !columns) throw tokens.unexpected()
  return { kind: 'values', rows, alias, columns }
}

/** `WITH (UPDLOCK, HOLDLOCK)`: a table is locked as a whole here, which is never weaker than the hint. */
export function skipHints(tokens: TokenStream): void {
  if (tokens.accept('with')) tokens.list(() => skipHint(tokens))
}

function skipHint(tokens: TokenStream): void {
  tokens.next()
  if (tokens.sees('(')) tokens.list(() => tokens.next())
}

/** `OPTION (RECOMPILE)`, `OPTION (LOOP JOIN, MAXDOP 1)`. */
export function skipOptions(tokens: TokenStream): void {
  if (!tokens.accept('option')) return
  tokens.expect('(')
  while (!tokens.accept(')')) {
    if (tokens.atEnd) throw tokens.unexpected()
    tokens.next()
  }
}
