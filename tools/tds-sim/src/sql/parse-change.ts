import type { Assignment, MergeClause, Statement } from './ast.js'
import { parseExpression } from './parse-expression.js'
import { parseFrom, parseSelect, parseSource, skipHints, skipOptions } from './parse-select.js'
import type { TokenStream } from './token-stream.js'

/** `INSERT [INTO] t (…) SELECT … | VALUES (…), …`. */
export function parseInsert(tokens: TokenStream): Statement {
  tokens.accept('into')
  const table = tokens.name()
  skipHints(tokens)
  const columns = tokens.sees('(') && !tokens.sees('(', 'select') ? tokens.names() : undefined
  const given = columns ? { columns } : {}
  if (tokens.accept('values')) {
    const rows = tokens.items(() => tokens.list(() => parseExpression(tokens)))
    return { kind: 'insertValues', table, rows, ...given }
  }
  return { kind: 'insert', table, select: parseSelect(tokens), ...given }
}

/** `INSERT BULK t ([a] int, …) [WITH (…)]`: the rows follow in a message of their own. */
export function parseInsertBulk(tokens: TokenStream): Statement {
  const table = tokens.name()
  const columns = tokens.list(() => {
    const column = tokens.identifier()
    tokens.type(1)
    if (tokens.accept('collate')) tokens.identifier()
    return column
  })
  if (tokens.accept('with')) {
    tokens.expect('(')
    while (!tokens.accept(')')) {
      if (tokens.atEnd) throw tokens.unexpected()
      tokens.next()
    }
  }
  return { kind: 'insertBulk', table, columns }
}

export function parseUpdate(tokens: TokenStream): Statement {
  const target = tokens.name()
  skipHints(tokens)
  tokens.expect('set')
  const assignments = tokens.items(() => parseAssignment(tokens))
  const from = tokens.accept('from') ? parseFrom(tokens) : undefined
  const where = tokens.accept('where') ? parseExpression(tokens) : undefined
  skipOptions(tokens)
  return { kind: 'update', target, assignments, ...(from ? { from } : {}), ...(where ? { where } : {}) }
}

function parseAssignment(tokens: TokenStream): Assignment {
  const column = tokens.name().at(-1) ?? ''
  tokens.expect('=')
  return { column, expression: parseExpression(tokens) }
}

/** `DELETE [FROM] t [FROM …] [WHERE …]`. */
export function parseDelete(tokens: TokenStream): Statement {
  tokens.accept('from')
  const target = tokens.name()
  skipHints(tokens)
  const from = tokens.accept('from') ? parseFrom(tokens) : undefined
  const where = tokens.accept('where') ? parseExpression(tokens) : undefined
  skipOptions(tokens)
  return { kind: 'delete', target, ...(from ? { from } : {}), ...(where ? { where } : {}) }
}

export function parseMerge(tokens: TokenStream): Statement {
  tokens.accept('into')
  const table = parseSource(tokens)
  if (table.kind !== 'table') throw tokens.unexpected()
  tokens.expect('using')
  const source = parseSource(tokens)
  tokens.expect('on')
  const on = parseExpression(tokens)
  const clauses: MergeClause[] = []
  while (tokens.accept('when')) clauses.push(parseMergeClause(tokens))
  skipOptions(tokens)
  if (!tokens.sees(';')) throw tokens.unexpected()
  return { kind: 'merge', target: table.name, alias: table.alias ?? table.name.at(-1) ?? '', source, on, clauses }
}

function parseMergeClause(tokens: TokenStream): MergeClause {
  const matched = !tokens.accept('not')
  tokens.expect('matched')
  if (tokens.accept('by')) tokens.expect('target')
  const condition = tokens.accept('and') ? parseExpression(tokens) : undefined
  tokens.expect('then')
  return { matched, action: parseMergeAction(tokens), ...(condition ? { condition } : {}) }
}

function parseMergeAction(tokens: TokenStream): MergeClause['action'] {
  if (tokens.accept('delete')) return { kind: 'delete' }
  if (tokens.accept('update', 'set'))
    return { kind: 'update', assignments: tokens.items(() => parseAssignment(tokens)) }
  tokens.expect('insert')
  const columns = tokens.names()
  tokens.expect('values')
  return { kind: 'insert', columns, values: tokens.list(() => parseExpression(tokens)) }
}
