import type { CaseBranch, Expression, Ordering } from './ast.js'
import { parseQuery } from './parse-query.js'
import { type SqlType, typeFromName } from './sql-type.js'
import type { TokenReader } from './token-reader.js'

export function parseExpression(reader: TokenReader): Expression {
  let left = parseAnd(reader)
  while (reader.take('OR')) left = { kind: 'logic', operator: 'OR', left, right: parseAnd(reader) }
  return left
}

function parseAnd(reader: TokenReader): Expression {
  let left = parseNot(reader)
  while (reader.take('AND')) left = { kind: 'logic', operator: 'AND', left, right: parseNot(reader) }
  return left
}

function parseNot(reader: TokenReader): Expression {
  if (reader.take('NOT')) return { kind: 'not', operand: parseNot(reader) }
  return parsePredicate(reader)
}

function parsePredicate(reader: TokenReader): Expression {
  let left = parseSum(reader)
  for (;;) {
    const operator = ['=', '<>', '!=', '<=', '>=', '<', '>'].find((symbol) => reader.take(symbol))
    if (operator !== undefined) {
      left = { kind: 'compare', operator: operator === '!=' ? '<>' : operator, left, right: parseSum(reader) }
    } else if (reader.take('IS')) left = parseIs(reader, left)
    else if (reader.take('NOT', 'IN')) left = parseIn(reader, left, true)
    else if (reader.take('IN')) left = parseIn(reader, left, false)
    else return left
  }
}

function parseIs(reader: TokenReader, operand: Expression): Expression {
  const negated = reader.take('NOT')
  if (reader.take('NULL')) return { kind: 'is-null', operand, negated }
  reader.expect('DISTINCT', 'FROM')
  return { kind: 'distinct', left: operand, right: parseSum(reader), negated }
}

function parseIn(reader: TokenReader, operand: Expression, negated: boolean): Expression {
  if (!reader.is('(', 'SELECT')) {
    return { kind: 'in', operand, items: reader.parenthesized(() => parseExpression(reader)), negated }
  }
  reader.expect('(')
  const query = parseQuery(reader)
  reader.expect(')')
  return { kind: 'in-query', operand, query, negated }
}

function parseSum(reader: TokenReader): Expression {
  let left = parsePostfix(reader)
  for (;;) {
    const operator = ['+', '-', '||', '*'].find((symbol) => reader.take(symbol))
    if (operator === undefined) return left
    left = { kind: 'arithmetic', operator, left, right: parsePostfix(reader) }
  }
}

function parsePostfix(reader: TokenReader): Expression {
  let operand = parsePrimary(reader)
  for (;;) {
    if (reader.take('::')) operand = { kind: 'cast', operand, type: parseType(reader), attempt: false }
    else if (reader.is(':') || reader.is('[')) operand = { kind: 'path', operand, steps: parsePath(reader) }
    else return operand
  }
}

function parsePath(reader: TokenReader): readonly (string | number)[] {
  const steps: (string | number)[] = []
  for (;;) {
    if (reader.take(':') || (steps.length > 0 && reader.take('.'))) {
      steps.push(pathStep(reader))
    } else if (reader.take('[')) {
      const token = reader.next()
      if (token.kind !== 'number' && token.kind !== 'string') reader.fail()
      steps.push(token.kind === 'number' ? Number(token.text) : token.text)
      reader.expect(']')
    } else return steps
  }
}

/** A field of a path keeps its case, quoted or not. */
function pathStep(reader: TokenReader): string {
  const token = reader.peek()
  const name = reader.name()
  return token.kind === 'name' ? name : reader.text.slice(token.start, token.end)
}

export function parseType(reader: TokenReader): SqlType {
  const word = reader.name()
  const name = word === 'DOUBLE' && reader.take('PRECISION') ? 'DOUBLE' : word
  const numbers = reader.is('(') ? reader.parenthesized(() => reader.integer()) : []
  return typeFromName(name, numbers) ?? reader.fail()
}

function parsePrimary(reader: TokenReader): Expression {
  const token = reader.peek()
  if (token.kind === 'string') return { kind: 'text', value: reader.next().text }
  if (token.kind === 'number') return { kind: 'number', value: reader.next().text }
  if (token.kind === 'bind') return parseBind(reader)
  if (reader.take('-')) return parseNegative(reader)
  if (reader.take('(')) return parseGroup(reader)
  return parseWord(reader)
}

function parseNegative(reader: TokenReader): Expression {
  if (reader.peek().kind === 'number') return { kind: 'number', value: `-${reader.next().text}` }
  return { kind: 'arithmetic', operator: '-', left: { kind: 'number', value: '0' }, right: parsePostfix(reader) }
}

function parseBind(reader: TokenReader): Expression {
  const { text } = reader.next()
  if (text !== '?') return { kind: 'bind', index: Number(text.slice(1)) }
  reader.bindCount += 1
  return { kind: 'bind', index: reader.bindCount }
}

function parseGroup(reader: TokenReader): Expression {
  const inner = parseExpression(reader)
  reader.expect(')')
  return inner
}

function parseWord(reader: TokenReader): Expression {
  if (reader.peek().kind === 'name') return { kind: 'column', path: reader.qualifiedName() }
  if (reader.take('NULL')) return { kind: 'null' }
  if (reader.take('TRUE')) return { kind: 'boolean', value: true }
  if (reader.take('FALSE')) return { kind: 'boolean', value: false }
  if (reader.take('CASE')) return parseCase(reader)
  if (reader.is('CAST', '(')) return parseCast(reader, false)
  if (reader.is('TRY_CAST', '(')) return parseCast(reader, true)
  if (reader.take('EXISTS', '(')) return parseExists(reader)
  if (reader.take('COUNT', '(', '*', ')')) return { kind: 'count-all' }
  if (reader.take('ROW_NUMBER', '(', ')', 'OVER', '(')) return parseRowNumber(reader)
  if (reader.is('CURRENT_TIMESTAMP') && !reader.is('CURRENT_TIMESTAMP', '(')) {
    return { kind: 'call', name: reader.name(), arguments: [] }
  }
  if (reader.peek(1).text === '(') return parseCall(reader)
  return { kind: 'column', path: reader.qualifiedName() }
}

function parseCall(reader: TokenReader): Expression {
  const name = reader.name()
  if (reader.take('(', ')')) return { kind: 'call', name, arguments: [] }
  return { kind: 'call', name, arguments: reader.parenthesized(() => parseExpression(reader)) }
}

function parseExists(reader: TokenReader): Expression {
  const query = parseQuery(reader)
  reader.expect(')')
  return { kind: 'exists', query }
}

function parseCast(reader: TokenReader, attempt: boolean): Expression {
  reader.name()
  reader.expect('(')
  const operand = parseExpression(reader)
  reader.expect('AS')
  const type = parseType(reader)
  reader.expect(')')
  return { kind: 'cast', operand, type, attempt }
}

function parseCase(reader: TokenReader): Expression {
  const subject = reader.is('WHEN') ? undefined : parseExpression(reader)
  const branches: CaseBranch[] = []
  while (reader.take('WHEN')) {
    const test = parseExpression(reader)
    const condition: Expression =
      subject === undefined ? test : { kind: 'compare', operator: '=', left: subject, right: test }
    reader.expect('THEN')
    branches.push({ condition, result: parseExpression(reader) })
  }
  const otherwise: Expression = reader.take('ELSE') ? parseExpression(reader) : { kind: 'null' }
  reader.expect('END')
  return { kind: 'case', branches, otherwise }
}

function parseRowNumber(reader: TokenReader): Expression {
  const partitionBy = reader.take('PARTITION', 'BY') ? reader.list(() => parseExpression(reader)) : []
  const orderBy = reader.take('ORDER', 'BY') ? parseOrderings(reader) : []
  reader.expect(')')
  return { kind: 'row-number', partitionBy, orderBy }
}

export function parseOrderings(reader: TokenReader): readonly Ordering[] {
  return reader.list(() => {
    const expression = parseExpression(reader)
    const descending = reader.take('DESC')
    if (!descending) reader.take('ASC')
    return { expression, descending }
  })
}
