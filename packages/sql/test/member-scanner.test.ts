import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemberScanner, memberKind } from '../src/index.js'

const names = ['id', 'a', 'ä', 'quo"te', '']

/** What the scanner found, as JSON text; `undefined` where it saw no object. */
function scan(text: string, scanner = new MemberScanner(names)): Record<string, string> | undefined {
  const bytes = Buffer.from(text)
  if (!scanner.scan(bytes)) return undefined
  const found = names.flatMap((name, index) =>
    scanner.kinds[index] === memberKind.absent
      ? []
      : [[name, bytes.toString('utf8', scanner.starts[index], scanner.ends[index])] as const],
  )
  return Object.fromEntries(found)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The wanted members of what JSON says that the text is; `undefined` for what is no object. */
function expected(text: string): Record<string, unknown> | undefined {
  const value = parsed(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name as never]]),
  )
}

const name = fc.oneof(fc.constantFrom(...names), fc.string({ unit: 'binary' }))
const value = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('tab\t', 'back\\slash', 'nul\0', '🔧', '"', '', -0, 1e21, 1.5e-7, 2 ** 53),
)
const member = fc.tuple(name, value).map(([key, held]) => `${JSON.stringify(key)}:${JSON.stringify(held)}`)
const space = fc.constantFrom('', '', ' ', '\n\t\r ')
const object = fc
  .tuple(fc.array(member, { maxLength: 8 }), space)
  .map(([members, gap]) => `${gap}{${gap}${members.join(`${gap},${gap}`)}${gap}}${gap}`)

describe('the members of JSON objects', () => {
  it('are what JSON.parse says', () => {
    const scanner = new MemberScanner(names)
    fc.assert(
      fc.property(object, (text) => {
        const found = scan(text, scanner)
        expect(found && Object.fromEntries(Object.entries(found).map(([key, held]) => [key, parsed(held)]))).toEqual(
          expected(text),
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('of broken texts are refused, or at the latest when they are parsed', () => {
    const broken = fc
      .tuple(
        object,
        fc.nat(),
        fc.nat({ max: 3 }),
        fc.constantFrom('', '"', '\\', '}', ',', '1', '.', '-', 'e', '\u0001', 'ä', '[', ':'),
      )
      .map(
        ([text, at, removed, added]) =>
          text.slice(0, at % text.length) + added + text.slice((at % text.length) + removed),
      )
    fc.assert(
      fc.property(broken, (text) => {
        // The scanner takes text that Unicode can write.
        fc.pre(Buffer.from(text).toString() === text)
        const found = scan(text)
        const values = Object.values(found ?? {}).map(parsed)
        const isTaken = found !== undefined && !values.includes(undefined)
        expect(isTaken).toBe(expected(text) !== undefined)
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['null', memberKind.null],
    ['true', memberKind.true],
    ['false', memberKind.false],
    ['0', memberKind.integer],
    ['-12', memberKind.integer],
    ['1.50', memberKind.decimal],
    ['1e5', memberKind.exponent],
    ['1.5E-5', memberKind.exponent],
    ['"x ä🔧"', memberKind.string],
    ['"\\u0041"', memberKind.escaped],
    ['{"a":["}"]}', memberKind.nested],
    ['[]', memberKind.strings],
    ['["a","ä",""]', memberKind.strings],
    ['["a", "b"]', memberKind.nested],
    ['["a",1]', memberKind.nested],
    ['[["a"]]', memberKind.nested],
    ['["\\n"]', memberKind.nestedEscaped],
    ['[\t1]', memberKind.nestedEscaped],
  ])('%s is told', (text, kind) => {
    const scanner = new MemberScanner(['a'])
    expect(scanner.scan(Buffer.from(`{"b":1,"a":${text}}`))).toBe(true)
    expect(scanner.kinds[0]).toBe(kind)
  })

  it.each([
    '',
    ' ',
    '[]',
    '"a"',
    'null',
    '{',
    '{"a":1',
    '{"a":01}',
    '{"a":1.}',
    '{"a":-}',
    '{"a":+1}',
    '{"a":.5}',
    '{"a":1e}',
  ])('%j is no object', (text) => expect(scan(text)).toBeUndefined())

  it.each([
    '{"a":nul}',
    '{"a":1,}',
    '{,}',
    '{"a" 1}',
    '{"a":1}}',
    '{a:1}',
    "{'a':1}",
    '{"x":{]}',
    '{"x":"\\q"}',
    '{"a":"\t"}',
  ])('%j is no JSON', (text) => expect(scan(text)).toBeUndefined())

  it('of a name that comes twice the last one counts, in whatever order they came before', () => {
    const scanner = new MemberScanner(names)
    expect(scan('{"id":1,"a":2}', scanner)).toEqual({ id: '1', a: '2' })
    expect(scan('{"a":1,"id":2,"a":3}', scanner)).toEqual({ id: '2', a: '3' })
    expect(scan('{"id":1,"\\u0061":2,"a2":3}', scanner)).toEqual({ id: '1', a: '2' })
    expect(scan('{}', scanner)).toEqual({})
  })
})
