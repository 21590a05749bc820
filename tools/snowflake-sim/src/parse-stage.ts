import type { Options, Statement } from './ast.js'
import { unsupported } from './sql-error.js'
import { TokenReader } from './token-reader.js'

/** `PUT file://path @stage options`; the path may be quoted, and the client's own bind upload quotes the stage alone. */
const putPattern = /^\s*PUT\s+(?:'file:\/\/((?:[^'\\]|\\.)*)'|file:\/\/(\S+?))\s*(@[\s\S]*)$/i

export function parsePut(text: string): Statement | undefined {
  if (!/^\s*PUT\s/i.test(text)) return undefined
  const match = putPattern.exec(text)
  if (match === null) throw unsupported('PUT without file:// and @stage')
  const reader = new TokenReader(match[3] ?? '')
  const stage = stageName(reader)
  const quoted = match[1]?.replace(/\\(.)/g, '$1')
  const statement: Statement = { kind: 'put', files: quoted ?? match[2] ?? '', stage, options: parseOptions(reader) }
  reader.take(';')
  return reader.peek().kind === 'end' ? statement : reader.fail()
}

/** A stage with its path, `@` left out: `"s"/folder`. */
export function stageName(reader: TokenReader): string {
  const token = reader.peek()
  if (token.kind !== 'stage' && !(token.kind === 'string' && token.text.startsWith('@'))) reader.fail()
  return reader.next().text.slice(1)
}

export function parseCopy(reader: TokenReader): Statement {
  const table = reader.qualifiedName()
  reader.expect('FROM')
  const stage = stageName(reader)
  const files = reader.take('FILES', '=') ? reader.parenthesized(() => reader.next().text) : undefined
  return { kind: 'copy', table, stage, options: parseOptions(reader), ...(files && { files }) }
}

/** `NAME = value` any number of times, commas allowed; a value in parentheses is itself such a list. */
export function parseOptions(reader: TokenReader): Options {
  const options: Record<string, string | Options> = {}
  while (reader.peek().kind === 'word') {
    const name = reader.name()
    reader.expect('=')
    options[name] = reader.take('(') ? parseNested(reader) : optionValue(reader)
    reader.take(',')
  }
  return options
}

function parseNested(reader: TokenReader): Options {
  const options = parseOptions(reader)
  reader.expect(')')
  return options
}

function optionValue(reader: TokenReader): string {
  const { kind } = reader.peek()
  if (kind === 'symbol' || kind === 'end' || kind === 'stage' || kind === 'bind') reader.fail()
  return reader.next().text
}
