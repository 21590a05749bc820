import type { ColumnDefinition, Expression, Identity, Statement } from './ast.js'
import { isBinaryCollation, parseExpression } from './parse-expression.js'
import type { TokenStream } from './token-stream.js'

/** Behind CREATE. */
export function parseCreate(tokens: TokenStream): Statement {
  if (tokens.accept('schema')) return { kind: 'createSchema', name: tokens.identifier() }
  tokens.expect('table')
  const table = tokens.name()
  const columns: ColumnDefinition[] = []
  let key: readonly string[] = []
  tokens.list(() => {
    const tableKey = parseKey(tokens)
    if (tableKey) key = tableKey
    else columns.push(parseColumn(tokens))
  })
  const inline = columns.filter((column) => column.primaryKey).map((column) => column.name)
  return { kind: 'createTable', table, columns, key: key.length > 0 ? key : inline }
}

/** `[CONSTRAINT [n]] PRIMARY KEY [CLUSTERED] ([a], [b] ASC)`. */
function parseKey(tokens: TokenStream): string[] | undefined {
  const named = tokens.accept('constraint')
  if (named) tokens.identifier()
  if (!tokens.accept('primary', 'key')) {
    if (named) throw tokens.unexpected()
    return undefined
  }
  skipClustering(tokens)
  return tokens.list(() => {
    const column = tokens.identifier()
    if (!tokens.accept('asc')) tokens.accept('desc')
    return column
  })
}

function skipClustering(tokens: TokenStream): void {
  if (!tokens.accept('clustered')) tokens.accept('nonclustered')
}

function parseColumn(tokens: TokenStream): ColumnDefinition {
  const name = tokens.identifier()
  let type = tokens.type(1)
  let nullable = true
  let primaryKey = false
  let fallback: Expression | undefined
  let identity: Identity | undefined
  for (;;) {
    if (tokens.accept('not', 'null')) nullable = false
    else if (tokens.accept('null')) nullable = true
    else if (tokens.accept('collate')) type = { ...type, binaryCollation: isBinaryCollation(tokens.identifier()) }
    else if (tokens.accept('constraint')) tokens.identifier()
    else if (tokens.accept('identity')) identity = parseIdentity(tokens)
    else if (tokens.accept('default')) fallback = parseExpression(tokens)
    else if (tokens.accept('with', 'values')) continue
    else if (tokens.accept('primary', 'key')) {
      skipClustering(tokens)
      primaryKey = true
    } else break
  }
  const optional = { ...(fallback ? { fallback } : {}), ...(identity ? { identity } : {}) }
  return { name, type, nullable: nullable && !primaryKey && !identity, primaryKey, ...optional }
}

function parseIdentity(tokens: TokenStream): Identity {
  const [seed = 1n, increment = 1n] = tokens.sees('(') ? tokens.list(() => BigInt(tokens.next().text)) : []
  return { seed, increment }
}

/** Behind ALTER. */
export function parseAlter(tokens: TokenStream): Statement {
  tokens.expect('table')
  const table = tokens.name()
  if (tokens.accept('alter', 'column')) return { kind: 'alterColumn', table, column: parseColumn(tokens) }
  if (tokens.accept('drop', 'column'))
    return { kind: 'dropColumns', table, columns: tokens.items(() => tokens.identifier()) }
  tokens.expect('add')
  const key = parseKey(tokens)
  if (key) return { kind: 'addKey', table, key }
  return { kind: 'addColumns', table, columns: tokens.items(() => parseColumn(tokens)) }
}

/** Behind DROP. */
export function parseDrop(tokens: TokenStream): Statement {
  tokens.expect('table')
  const ifExists = tokens.accept('if', 'exists')
  return { kind: 'dropTable', tables: tokens.items(() => tokens.name()), ifExists }
}
