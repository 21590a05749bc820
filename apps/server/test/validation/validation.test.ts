import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { decodeEvent } from '@eds/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { formatNumber, parsePathTemplate } from '../../src/validation/path-template.js'
import { readValidationRules } from '../../src/validation/rules.js'
import { validationStage } from '../../src/validation/validation-stage.js'

describe('a path template', () => {
  const event = { companyId: 'c1', after: { status: 'open', total: 12.5, paid: true, note: null, tags: ['a'] } }

  test.each([
    ['{{.companyId}}/{{.after.status}}', 'c1/open'],
    ['orders/{{ .after.total }}-{{.after.paid}}.json', 'orders/12.5-true.json'],
    ['fixed', 'fixed'],
  ])('%s gives %s', (template, path) => {
    expect(parsePathTemplate(template)(event)).toBe(path)
  })

  test.each([
    '{{if .a}}x{{end}}',
    '{{.a | printf "%s"}}',
    '{{printf "%s" .a}}',
    '{{.}}',
    '{{- .a}}',
    '{{.a',
    '{{$x}}',
    '{{/* c */}}',
  ])('%s is refused', (template) => {
    expect(() => parsePathTemplate(template)).toThrow(/\{\{/)
  })

  test.each([
    ['{{.after.missing}}', /\.after\.missing.*nothing/],
    ['{{.after.note}}', /nothing/],
    ['{{.after.tags}}', /no single value/],
    ['{{.after.status.deep}}', /nothing/],
  ])('%s has no value in the event, which is set aside', (template, reason) => {
    expect(() => parsePathTemplate(template)(event)).toThrow(
      expect.objectContaining({ code: 'record', message: expect.stringMatching(reason) }),
    )
  })

  test.each(['../x', 'a/../b', '/a', 'a//b', '', '.', 'a\\b', 'a\u0000b', 'a/'])(
    'a value makes no unsafe path of it: %j',
    (value) => {
      expect(() => parsePathTemplate('{{.v}}')({ v: value })).toThrow(expect.objectContaining({ code: 'record' }))
    },
  )

  test.each([
    [1720732611708, '1.720732611708e+12'],
    [1234567, '1.234567e+06'],
    [100000, '100000'],
    [999999.5, '999999.5'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1e21, '1e+21'],
    [123456789012345680000, '1.2345678901234568e+20'],
    [-2.5, '-2.5'],
    [-0, '-0'],
    [0, '0'],
  ])('numbers look as Go prints them: %d', (value, text) => {
    expect(formatNumber(value)).toBe(text)
  })
})

describe('a validator directory', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'eds-validator-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))
  const write = async (files: Record<string, unknown>) => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true })
      await writeFile(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content))
    }
  }
  const eventOf = (table: string, after: Record<string, unknown>) => {
    const fields = { operation: 'INSERT', id: '1', table, key: ['r', '1'], modelVersion: 'a', companyId: 'c1', after }
    const text = JSON.stringify({ ...fields, timestamp: 1, mvccTimestamp: '1.0' })
    return decodeEvent({ position: '1', bytes: Buffer.from(text), time: 1 })
  }
  const stage = async () => {
    const skipped: string[] = []
    const run = validationStage(await readValidationRules(directory), { debug: (_, text) => void skipped.push(text) })
    return { run, skipped }
  }

  test('passes what is valid, with its path, and skips the rest', async () => {
    await write({
      'config.json': {
        order: { schema: 'order.json', path: '{{.companyId}}/{{.after.status}}' },
        part: { schema: 'part.json' },
      },
      'order.json': { properties: { after: { $ref: 'common/row.json#/$defs/row' } }, required: ['after'] },
      'common/row.json': {
        $defs: { row: { type: 'object', required: ['status'], properties: { status: { $ref: '../status.json' } } } },
      },
      'status.json': { enum: ['open', 'closed'] },
      'part.json': true,
    })
    const { run, skipped } = await stage()
    const event = eventOf('order', { status: 'open' })
    const placed = { objectPath: 'c1/open', position: '1', rowKey: event.rowKey, bytes: event.bytes }
    expect(run(event)).toMatchObject(placed)
    expect(run(eventOf('part', {}))).toMatchObject({ table: 'part' })
    expect(run(eventOf('part', {}))?.objectPath).toBeUndefined()
    expect(run(eventOf('order', { status: 'lost' }))).toBeUndefined()
    expect(run(eventOf('tire', {}))).toBeUndefined()
    expect(skipped).toEqual([
      expect.stringContaining('/after/status must be equal to one of the allowed values'),
      expect.stringContaining('no rule for tire'),
    ])
  })

  test('judges numbers that a double cannot hold as numbers', async () => {
    await write({
      'config.json': { order: { schema: 'order.json' } },
      'order.json': { properties: { after: { properties: { n: { type: 'number' } } } } },
    })
    const { run } = await stage()
    const event = eventOf('order', { n: 0 })
    const bytes = Buffer.from(Buffer.from(event.bytes).toString().replace('"n":0', '"n":123456789012345678901234.5'))
    expect(run({ ...event, bytes })).toBeDefined()
  })

  test.each([
    'http://json-schema.org/draft-07/schema#',
    'https://json-schema.org/draft/2019-09/schema',
    'https://json-schema.org/draft/2020-12/schema',
  ])('understands %s', async ($schema) => {
    await write({ 'config.json': { order: { schema: 'a.json' } }, 'a.json': { $schema, required: ['nope'] } })
    const { run } = await stage()
    expect(run(eventOf('order', {}))).toBeUndefined()
  })

  const wrong: [what: string, files: Record<string, unknown>, message: RegExp][] = [
    ['no config.json', {}, /config\.json: cannot be read \(ENOENT\)/],
    ['broken JSON', { 'config.json': '{' }, /config\.json: is not JSON/],
    ['a rule without schema', { 'config.json': { order: {} } }, /config\.json: order\.schema/],
    ['an unknown member', { 'config.json': { order: { schema: 'a.json', paht: 'x' } }, 'a.json': {} }, /order.*paht/],
    ['a schema that is missing', { 'config.json': { order: { schema: 'a.json' } } }, /order: there is no a\.json/],
    [
      'a reference that leads nowhere',
      { 'config.json': {}, 'a.json': { $ref: 'b.json' } },
      /a\.json: can't resolve reference b\.json/,
    ],
    ['a wrong schema', { 'config.json': {}, 'a.json': { type: 'text' } }, /a\.json: schema is invalid/],
    [
      'an old draft',
      { 'config.json': {}, 'a.json': { $schema: 'http://json-schema.org/draft-04/schema#' } },
      /a\.json: \$schema.*not supported/,
    ],
    [
      'two drafts',
      { 'config.json': {}, 'a.json': {}, 'b.json': { $schema: 'http://json-schema.org/draft-07/schema#' } },
      /use one for all/,
    ],
    [
      'a template beyond paths',
      { 'config.json': { order: { schema: 'a.json', path: '{{range .x}}' } }, 'a.json': {} },
      /order\.path: "\{\{range \.x\}\}"/,
    ],
  ]
  test.each(wrong)('with %s is refused at start', async (_, files, message) => {
    await write(files)
    await expect(readValidationRules(directory)).rejects.toThrow(message)
  })
})
