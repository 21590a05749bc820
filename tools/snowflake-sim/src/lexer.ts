import { syntaxError } from './sql-error.js'

/** `word` is upper-cased as unquoted names are; `name` is a quoted name, exact. */
export type TokenKind = 'word' | 'name' | 'string' | 'number' | 'symbol' | 'bind' | 'stage' | 'end'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Offset of the first character in the statement. */
  readonly start: number
  readonly end: number
}

const symbols = ['::', '<>', '!=', '>=', '<=', '||', '=>']
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' }

const patterns: readonly (readonly [TokenKind | 'blank', RegExp])[] = [
  ['blank', /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)+/y],
  ['stage', /@(?:"(?:[^"]|"")*"|[\w$~%.])+(?:\/[^\s;')]*)?/y],
  ['name', /"(?:[^"]|"")*"/y],
  ['string', /\$\$[\s\S]*?\$\$|'(?:[^'\\]|''|\\[\s\S])*'/y],
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['bind', /\?|:\d+/y],
  ['word', /[A-Za-z_][\w$]*|\$\d+/y],
]

/** Cuts a text of one or more statements into tokens; a character that begins none is a syntax error. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  let offset = 0
  while (offset < text.length) {
    const found = nextToken(text, offset)
    if (found.kind !== 'blank') tokens.push({ ...found, kind: found.kind })
    offset = found.end
  }
  tokens.push({ kind: 'end', text: '<EOF>', start: text.length, end: text.length })
  return tokens
}

function nextToken(text: string, start: number) {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = start
    const match = pattern.exec(text)
    if (match !== null) return { kind, text: meaning(kind, match[0]), start, end: start + match[0].length }
  }
  const pair = text.slice(start, start + 2)
  if (symbols.includes(pair)) return { kind: 'symbol' as const, text: pair, start, end: start + 2 }
  const character = text.charAt(start)
  if ('(),.;=<>+-*/%:[]{}'.includes(character)) {
    return { kind: 'symbol' as const, text: character, start, end: start + 1 }
  }
  throw syntaxErrorAt(text, start, character)
}

function meaning(kind: string, raw: string): string {
  if (kind === 'name') return raw.slice(1, -1).replaceAll('""', '"')
  if (kind === 'string') return raw.startsWith('$$') ? raw.slice(2, -2) : unescapeText(raw.slice(1, -1))
  return kind === 'word' ? raw.toUpperCase() : raw
}

function unescapeText(body: string): string {
  return body.replace(/''|\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\([\s\S])/g, (whole, wide, narrow, single) => {
    if (whole === "''") return "'"
    const hexadecimal = wide ?? narrow
    if (hexadecimal !== undefined) return String.fromCharCode(Number.parseInt(hexadecimal, 16))
    return escapes[single] ?? single
  })
}

export function syntaxErrorAt(text: string, offset: number, found: string) {
  const before = text.slice(0, offset).split('\n')
  return syntaxError(before.length, before.at(-1)?.length ?? 0, found)
}
