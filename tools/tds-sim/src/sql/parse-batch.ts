import { intType } from '../engine/types.js'
import type { Argument, Expression, Statement } from './ast.js'
import { tokenize } from './lexer.js'
import { parseDelete, parseInsert, parseInsertBulk, parseMerge, parseUpdate } from './parse-change.js'
import { parseAlter, parseCreate, parseDrop } from './parse-definition.js'
import { parseExpression } from './parse-expression.js'
import { parseSelect } from './parse-select.js'
import { TokenStream } from './token-stream.js'

/**
 * Reads a batch of T-SQL statements.
 * @throws {SqlError} 102 where the text is outside the subset.
 */
export function parseBatch(sql: string): Statement[] {
  const tokens = new TokenStream(tokenize(sql))
  const statements: Statement[] = []
  for (;;) {
    while (tokens.accept(';'));
    if (tokens.atEnd) return statements
    statements.push(parseStatement(tokens))
  }
}

function parseStatement(tokens: TokenStream): Statement {
  const { line } = tokens.peek()
  return { ...parseAny(tokens), line }
}

function parseAny(tokens: TokenStream): Statement {
  if (tokens.sees('select')) return { kind: 'select', select: parseSelect(tokens) }
  if (tokens.accept('insert', 'bulk')) return parseInsertBulk(tokens)
  if (tokens.accept('insert')) return parseInsert(tokens)
  if (tokens.accept('update')) return parseUpdate(tokens)
  if (tokens.accept('delete')) return parseDelete(tokens)
  if (tokens.accept('merge')) return parseMerge(tokens)
  if (tokens.accept('create')) return parseCreate(tokens)
  if (tokens.accept('alter')) return parseAlter(tokens)
  if (tokens.accept('drop')) return parseDrop(tokens)
  if (tokens.accept('truncate', 'table')) return { kind: 'truncate', table: tokens.name() }
  return parseControl(tokens)
}

function parseControl(tokens: TokenStream): Statement {
  if (tokens.accept('begin', 'transaction') || tokens.accept('begin', 'tran')) return { kind: 'begin' }
  if (tokens.accept('commit')) return acceptTransactionWord(tokens, 'commit')
  if (tokens.accept('rollback')) return acceptTransactionWord(tokens, 'rollback')
  if (tokens.accept('begin')) return parseBlock(tokens)
  if (tokens.accept('if')) return parseIf(tokens)
  if (tokens.accept('set')) return parseSet(tokens)
  if (tokens.accept('declare')) return parseDeclare(tokens)
  if (tokens.accept('exec') || tokens.accept('execute') || tokens.sees('sp_rename')) return parseExecute(tokens)
  if (tokens.accept('throw')) return parseThrow(tokens)
  throw tokens.unexpected()
}

function acceptTransactionWord(tokens: TokenStream, kind: 'commit' | 'rollback'): Statement {
  for (const word of ['transaction', 'tran', 'work']) if (tokens.accept(word)) break
  return { kind }
}

function parseBlock(tokens: TokenStream): Statement {
  const statements: Statement[] = []
  for (;;) {
    while (tokens.accept(';'));
    if (tokens.accept('end')) return { kind: 'block', statements }
    statements.push(parseStatement(tokens))
  }
}

function parseIf(tokens: TokenStream): Statement {
  const condition = parseExpression(tokens)
  const then = parseStatement(tokens)
  if (tokens.sees(';', 'else')) tokens.expect(';')
  if (!tokens.accept('else')) return { kind: 'if', condition, then }
  return { kind: 'if', condition, then, otherwise: parseStatement(tokens) }
}

function parseSet(tokens: TokenStream): Statement {
  if (tokens.peek().kind === 'variable') {
    const variable = tokens.next().text.toLowerCase()
    tokens.expect('=')
    return { kind: 'setVariable', variable, value: parseExpression(tokens) }
  }
  if (tokens.accept('transaction', 'isolation', 'level')) {
    const level = tokens.next().text
    if (/^(?:read|repeatable)$/i.test(level)) tokens.next()
    return { kind: 'setOption', option: 'isolation', on: true }
  }
  const option = tokens.next().text.toLowerCase()
  if (option === 'identity_insert') {
    return { kind: 'setIdentityInsert', table: tokens.name(), on: tokens.next().text.toLowerCase() === 'on' }
  }
  if (tokens.accept('-')) tokens.expect('1')
  return { kind: 'setOption', option, on: tokens.next().text.toLowerCase() === 'on' }
}

function parseDeclare(tokens: TokenStream): Statement {
  const statements = tokens.items((): Statement => {
    const variable = tokens.next().text.toLowerCase()
    tokens.accept('as')
    const type = tokens.type(1)
    const value = tokens.accept('=') ? parseExpression(tokens) : undefined
    return { kind: 'declare', variable, type, ...(value ? { value } : {}) }
  })
  return { kind: 'block', statements }
}

function parseExecute(tokens: TokenStream): Statement {
  const result = tokens.peek().kind === 'variable' ? tokens.next().text.toLowerCase() : undefined
  if (result !== undefined) tokens.expect('=')
  const procedure = (tokens.name().at(-1) ?? '').toLowerCase()
  const args: Argument[] = []
  while (!tokens.atEnd && !tokens.sees(';')) {
    const name =
      tokens.peek().kind === 'variable' && tokens.peek(1).text === '=' ? tokens.next().text.toLowerCase() : undefined
    if (name !== undefined) tokens.expect('=')
    args.push({ value: parseExpression(tokens), ...(name === undefined ? {} : { name }) })
    if (!tokens.accept(',')) break
  }
  return { kind: 'execute', procedure, arguments: args, ...(result === undefined ? {} : { result }) }
}

function parseThrow(tokens: TokenStream): Statement {
  const [number, message, state] = tokens.items(() => parseExpression(tokens))
  const one: Expression = { kind: 'literal', value: 1n, type: intType }
  if (!number || !message) throw tokens.unexpected()
  return { kind: 'raise', number, message, state: state ?? one }
}
