import { SqlError, syntaxError } from '../engine/sql-error.js'

/** A piece of T-SQL. `word` is a bare keyword or name, `name` one in brackets or double quotes. */
export interface Token {
  readonly kind: 'word' | 'name' | 'text' | 'wideText' | 'number' | 'variable' | 'bytes' | 'symbol' | 'end'
  readonly text: string
  readonly start: number
  readonly end: number
  /** From 1. */
  readonly line: number
}

const rules: readonly (readonly [Token['kind'] | 'space', RegExp])[] = [
  ['space', /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)/y],
  ['name', /\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"/y],
  ['wideText', /N'(?:[^']|'')*'/iy],
  ['text', /'(?:[^']|'')*'/y],
  ['bytes', /0x[0-9a-f]*/iy],
  ['number', /\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?/iy],
  ['variable', /@@?[\p{L}_#$@][\p{L}\p{N}_#$@]*|@@?\d+/uy],
  ['word', /[\p{L}_#][\p{L}\p{N}_#$@]*/uy],
  ['symbol', /<>|<=|>=|!=|\+=|[-+*/%=<>(),.;]/y],
]

/** Cuts T-SQL into tokens, comments and blanks left out. The last is always of kind `end`. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  let position = 0
  let line = 1
  while (position < sql.length) {
    const token = tokenAt(sql, position)
    if (token.kind !== 'space') tokens.push({ ...token, kind: token.kind, line })
    line += linesWithin(sql, position, token.end)
    position = token.end
  }
  tokens.push({ kind: 'end', text: '', start: sql.length, end: sql.length, line })
  return tokens
}

function linesWithin(sql: string, from: number, to: number): number {
  let lines = 0
  for (let at = sql.indexOf('\n', from); at >= 0 && at < to; at = sql.indexOf('\n', at + 1)) lines += 1
  return lines
}

function tokenAt(sql: string, position: number) {
  for (const [kind, pattern] of rules) {
    pattern.lastIndex = position
    const match = pattern.exec(sql)
    if (match) return { kind, text: unquote(kind, match[0]), start: position, end: position + match[0].length }
  }
  const rest = sql.slice(position, position + 20)
  if (/^N?['["]/i.test(rest)) {
    throw new SqlError(105, `Unclosed quotation mark after the character string '${rest}'.`, {
      class: 15,
      reach: 'batch',
    })
  }
  throw syntaxError(rest)
}

function unquote(kind: Token['kind'] | 'space', text: string): string {
  if (kind === 'text') return text.slice(1, -1).replaceAll("''", "'")
  if (kind === 'wideText') return text.slice(2, -1).replaceAll("''", "'")
  if (kind !== 'name') return text
  return text.startsWith('[') ? text.slice(1, -1).replaceAll(']]', ']') : text.slice(1, -1).replaceAll('""', '"')
}
