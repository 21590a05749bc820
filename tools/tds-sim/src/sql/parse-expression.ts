import { intType, limitsOf, nvarcharType, typeOf } from '../engine/types.js'
import type { Expression } from './ast.js'
import { parseSelect } from './parse-select.js'
import type { TokenStream } from './token-stream.js'

/** An expression or a condition, OR binding loosest. */
export function parseExpression(tokens: TokenStream): Expression {
  let left = parseAnd(tokens)
  while (tokens.accept('or')) left = { kind: 'binary', operator: 'or', left, right: parseAnd(tokens) }
  return left
}

function parseAnd(tokens: TokenStream): Expression {
  let left = parseNot(tokens)
  while (tokens.accept('and')) left = { kind: 'binary', operator: 'and', left, right: parseNot(tokens) }
  return left
}

function parseNot(tokens: TokenStream): Expression {
  if (tokens.accept('not')) return { kind: 'not', operand: parseNot(tokens) }
  return parsePredicate(tokens)
}

const comparisons = ['=', '<>', '!=', '<=', '>=', '<', '>']

function parsePredicate(tokens: TokenStream): Expression {
  const left = parseSum(tokens)
  const comparison = comparisons.find((operator) => tokens.accept(operator))
  if (comparison)
    return { kind: 'binary', operator: comparison === '!=' ? '<>' : comparison, left, right: parseSum(tokens) }
  if (tokens.accept('is')) {
    const negated = tokens.accept('not')
    tokens.expect('null')
    return { kind: 'isNull', operand: left, negated }
  }
  const negated = tokens.accept('not')
  if (tokens.accept('like')) return { kind: 'like', operand: left, pattern: parseSum(tokens), negated }
  if (tokens.accept('between')) return parseBetween(tokens, left, negated)
  if (tokens.accept('in')) return parseIn(tokens, left, negated)
  if (negated) throw tokens.unexpected()
  return left
}

function parseBetween(tokens: TokenStream, operand: Expression, negated: boolean): Expression {
  const least: Expression = { kind: 'binary', operator: '>=', left: operand, right: parseSum(tokens) }
  tokens.expect('and')
  const greatest: Expression = { kind: 'binary', operator: '<=', left: operand, right: parseSum(tokens) }
  const within: Expression = { kind: 'binary', operator: 'and', left: least, right: greatest }
  return negated ? { kind: 'not', operand: within } : within
}

function parseIn(tokens: TokenStream, operand: Expression, negated: boolean): Expression {
  if (!tokens.sees('(', 'select'))
    return { kind: 'in', operand, choices: tokens.list(() => parseExpression(tokens)), negated }
  return { kind: 'inSelect', operand, select: parseSubselect(tokens), negated }
}

function parseSubselect(tokens: TokenStream) {
  tokens.expect('(')
  const select = parseSelect(tokens)
  tokens.expect(')')
  return select
}

function parseSum(tokens: TokenStream): Expression {
  let left = parseProduct(tokens)
  for (;;) {
    const operator = ['+', '-'].find((symbol) => tokens.accept(symbol))
    if (!operator) return left
    left = { kind: 'binary', operator, left, right: parseProduct(tokens) }
  }
}

function parseProduct(tokens: TokenStream): Expression {
  let left = parsePrefix(tokens)
  for (;;) {
    const operator = ['*', '/', '%'].find((symbol) => tokens.accept(symbol))
    if (!operator) return left
    left = { kind: 'binary', operator, left, right: parsePrefix(tokens) }
  }
}

function parsePrefix(tokens: TokenStream): Expression {
  if (tokens.accept('-')) return { kind: 'negate', operand: parsePrefix(tokens) }
  let operand = parsePrimary(tokens)
  while (tokens.accept('collate'))
    operand = { kind: 'collate', operand, binary: isBinaryCollation(tokens.identifier()) }
  return operand
}

export const isBinaryCollation = (name: string) => /_bin2?$/i.test(name)

function parsePrimary(tokens: TokenStream): Expression {
  const token = tokens.peek()
  if (token.kind === 'variable') return { kind: 'variable', name: tokens.next().text.toLowerCase() }
  if (token.kind === 'number') return numberLiteral(tokens.next().text)
  if (token.kind === 'wideText')
    return { kind: 'literal', value: token.text, type: nvarcharType(lengthOf(tokens.next().text, 4000)) }
  if (token.kind === 'text')
    return { kind: 'literal', value: token.text, type: typeOf('varchar', lengthOf(tokens.next().text, 8000)) }
  if (token.kind === 'bytes') {
    const digits = tokens.next().text.slice(2)
    return {
      kind: 'literal',
      value: Buffer.from(digits.length % 2 === 1 ? `0${digits}` : digits, 'hex'),
      type: typeOf('varbinary'),
    }
  }
  if (tokens.accept('null')) return { kind: 'literal', value: null, type: intType }
  if (tokens.accept('exists')) return { kind: 'exists', select: parseSubselect(tokens) }
  if (tokens.accept('case')) return parseCase(tokens)
  if (tokens.sees('(', 'select')) return { kind: 'subquery', select: parseSubselect(tokens) }
  if (tokens.accept('(')) {
    const inner = parseExpression(tokens)
    tokens.expect(')')
    return inner
  }
  return parseNameOrCall(tokens)
}

const lengthOf = (text: string, most: number) => (text.length > most ? 0 : Math.max(1, text.length))

function numberLiteral(text: string): Expression {
  if (/e/i.test(text)) return { kind: 'literal', value: Number(text), type: typeOf('float') }
  if (/^\d+$/.test(text) && text.length <= 10) {
    const value = BigInt(text)
    const [, greatest] = limitsOf(intType) ?? [0n, 0n]
    return { kind: 'literal', value, type: value <= greatest ? intType : typeOf('decimal', 0, text.length, 0) }
  }
  const [whole = '', fraction = ''] = text.split('.')
  const digits = `${whole}${fraction}`
  return {
    kind: 'literal',
    value: BigInt(digits),
    type: typeOf('decimal', 0, Math.max(1, digits.length), fraction.length),
  }
}

function parseCase(tokens: TokenStream): Expression {
  const subject = tokens.sees('when') ? undefined : parseExpression(tokens)
  const branches = []
  while (tokens.accept('when')) {
    const tested = parseExpression(tokens)
    const condition: Expression = subject ? { kind: 'binary', operator: '=', left: subject, right: tested } : tested
    tokens.expect('then')
    branches.push({ condition, result: parseExpression(tokens) })
  }
  const otherwise = tokens.accept('else') ? parseExpression(tokens) : undefined
  tokens.expect('end')
  return { kind: 'case', branches, ...(otherwise ? { otherwise } : {}) }
}

function parseNameOrCall(tokens: TokenStream): Expression {
  for (const word of ['cast', 'try_cast', 'convert', 'try_convert']) {
    if (tokens.accept(word, '(')) return parseCast(tokens, word)
  }
  if (tokens.accept('count', '(', '*', ')') || tokens.accept('count_big', '(', '*', ')')) return { kind: 'countAll' }
  if (tokens.accept('left', '(')) return finishCall(tokens, 'left')
  if (tokens.accept('right', '(')) return finishCall(tokens, 'right')
  const name = tokens.name()
  if (tokens.accept('(')) return finishCall(tokens, (name.at(-1) ?? '').toLowerCase())
  return { kind: 'column', name }
}

function finishCall(tokens: TokenStream, name: string): Expression {
  const args = tokens.sees(')') ? [] : tokens.items(() => parseExpression(tokens))
  tokens.expect(')')
  return { kind: 'call', name, arguments: args }
}

function parseCast(tokens: TokenStream, word: string): Expression {
  const lenient = word.startsWith('try')
  if (word.endsWith('cast')) {
    const operand = parseExpression(tokens)
    tokens.expect('as')
    const type = tokens.type(30)
    tokens.expect(')')
    return { kind: 'cast', operand, type, lenient }
  }
  const type = tokens.type(30)
  tokens.expect(',')
  const operand = parseExpression(tokens)
  if (tokens.accept(',')) parseExpression(tokens)
  tokens.expect(')')
  return { kind: 'cast', operand, type, lenient }
}
