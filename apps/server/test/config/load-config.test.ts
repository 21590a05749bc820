// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findConfig } from '../../src/config/config-location.js'
import { resolveReferences } from '../../src/config/environment-references.js'
import { loadConfig } from '../../src/config/load-config.js'
import { configJsonSchema } from '../../src/config/schema.js'
import { Redactor } from '../../src/redactor.js'
import { temporaryFolder } from '../eds.js'

function write(name: string, content: string, folder = temporaryFolder()): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const load = (path: string, environment = {}) => loadConfig(path, environment, new Redactor())
const sinks = [{ name: 'out', url: 'file:///tmp/out' }]

describe('resolveReferences', () => {
  it.each([
    ['${A}', 'a'],
    ['x-${A}-${A}', 'x-a-a'],
    ['${NONE:-instead}', 'instead'],
    ['${EMPTY:-instead}', 'instead'],
    ['${A:-instead}', 'a'],
    ['$${A}', '${A}'],
    ['$A {A}', '$A {A}'],
    ['postgres://me:${P}@host/db', 'postgres://me:p%40%2F%3F%25@host/db'],
    ['postgres://me@${A}:5432/${P}', 'postgres://me@a:5432/p@/?%'],
  ])('%s', (text, expected) => {
    const found = resolveReferences({ deep: [text] }, { A: 'a', EMPTY: '', P: 'p@/?%' })
    expect(found).toMatchObject({ value: { deep: [expected] }, problems: [] })
  })

  it('names every variable that is missing, and where it is asked for', () => {
    const { problems } = resolveReferences({ a: [{ b: '${ONE} ${TWO}' }], c: '${no name}', d: '${E}' }, { E: '' })
    expect(problems.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      expect.stringMatching(/^a\[0\]\.b: the environment variable ONE is not set/),
      expect.stringMatching(/^a\[0\]\.b: the environment variable TWO is not set/),
      expect.stringMatching(/^c: \$\{no name\} names no variable/),
      expect.stringMatching(/^d: the environment variable E is not set/),
    ])
  })

  it('tells which values are secret', () => {
    const environment = { A: 'plain', DB_PASSWORD: 'one', P: 'two', U: 'postgres://me:three@host/db' }
    const { secrets } = resolveReferences(['${A}', '${DB_PASSWORD}', 'x://u:${P}@h', '${U}'], environment)
    expect([...secrets].sort()).toEqual(['one', 'three', 'two'])
  })
})

describe('loadConfig', () => {
  it.each([
    ['eds.config.json', JSON.stringify({ sinks, port: '${PORT}' })],
    ['eds.config.yaml', 'port: ${PORT}\nsinks:\n  - {name: out, url: "file:///tmp/out"}\n'],
    [
      'eds.config.ts',
      `interface Port { port: string }\nconst port: Port = { port: '\${PORT}' }\nexport default { ...port, sinks: ${JSON.stringify(sinks)} }`,
    ],
    ['eds.config.mjs', `export default { port: 81, sinks: ${JSON.stringify(sinks)} }`],
  ])('reads %s', async (name, content) => {
    const { config } = await load(write(name, content), { PORT: '81' })
    expect(config).toMatchObject({ sinks, port: 81, source: { type: 'nats' } })
  })

  it('sees a module that was changed', async () => {
    const path = write('eds.config.ts', `export default { port: 1, sinks: ${JSON.stringify(sinks)} }`)
    expect((await load(path)).config.port).toBe(1)
    write('eds.config.ts', `export default { port: 2, sinks: ${JSON.stringify(sinks)} }`, join(path, '..'))
    expect((await load(path)).config.port).toBe(2)
  })

  it('takes variables from .env next to the file, too, after the environment', async () => {
    const path = write('eds.config.json', JSON.stringify({ sinks, host: '${ONE}', schema: '${TWO}' }))
    write('.env', 'ONE=from-file\nTWO="from file"\n', join(path, '..'))
    const { config } = await load(path, { ONE: 'from-environment' })
    expect(config).toMatchObject({ host: 'from-environment', schema: 'from file' })
  })

  it('lists everything that is wrong, with its place', async () => {
    const path = write(
      'eds.config.json',
      JSON.stringify({
        source: { type: 'postgres', mode: 'binlog' },
        schema: '${NONE}',
        sinks: [
          { name: 'a b', url: 'file:///x', driver: 'file' },
          { name: 'c', linger: '3' },
        ],
        transforms: [{ table: '*', rename: 'one' }],
        unknown: 1,
      }),
    )
    const error = await load(path).catch((reason: Error) => reason.message)
    for (const part of [
      /schema: the environment variable NONE/,
      /source\.url: /,
      /source\.mode: /,
      /sinks\[0\]\.name: must consist of/,
      /sinks\[1\]\.linger: must be a duration/,
      /unknown/,
    ]) {
      expect(error).toMatch(part)
    }
  })

  it.each<[string, object, RegExp]>([
    [
      'two sinks of one name',
      { sinks: [...sinks, ...sinks] },
      /sinks\[1\]\.name: "out" is the name of sinks\[0\], too/,
    ],
    ['url and driver', { sinks: [{ ...sinks[0], driver: 'file' }] }, /sinks\[0\]: needs either url or driver/],
    [
      'a pattern renamed',
      { sinks, transforms: [{ table: 'a*', rename: 'b' }] },
      /transforms\[0\]\.rename: needs one table/,
    ],
    [
      'columns that meet',
      { sinks, transforms: [{ table: 'a', columns: { rename: { x: 'z', y: 'z' } } }] },
      /two columns would be "z"/,
    ],
    [
      'tables that meet',
      {
        sinks,
        transforms: [
          { table: 'a', rename: 'c' },
          { table: 'b', rename: 'c' },
        ],
      },
      /"a" and "b" would both be "c"/,
    ],
    [
      'a hash without a key',
      { sinks, transforms: [{ table: 'a', columns: { hash: ['x'] } }] },
      /transforms\[0\]\.columns\.hash: needs hashKey/,
    ],
    [
      'masked and hashed',
      { sinks, hashKey: 'k', transforms: [{ table: 'a', columns: { hash: ['x'], mask: ['x'] } }] },
      /is masked, too/,
    ],
  ])('refuses %s', async (_name, content, expected) => {
    await expect(load(write('eds.config.json', JSON.stringify(content)))).rejects.toThrow(expected)
  })

  it.each([
    ['eds.config.json', '{\n"hashKey": "okapi",\n oops }', /line 3, is not JSON/],
    ['eds.config.yaml', 'hashKey: okapi\nsinks: [okapi\n', /line \d+, column \d+ is not YAML/],
    ['eds.config.ts', 'export default {', /cannot be run/],
    ['eds.config.toml', 'a = 1', /is no configuration file/],
  ])('tells what is wrong with the text of %s, and quotes nothing', async (name, content, expected) => {
    const error = await load(write(name, content)).catch((reason: Error) => reason.message)
    expect(error).toMatch(expected)
    expect(error).not.toContain('okapi')
  })
})

describe('findConfig', () => {
  it('takes the one that is there, and refuses to choose between two', () => {
    const folder = temporaryFolder()
    expect(findConfig(folder, undefined)).toBeUndefined()
    const path = write('eds.config.yaml', '', folder)
    expect(findConfig(folder, undefined)).toBe(path)
    write('eds.config.ts', '', folder)
    expect(() => findConfig(folder, undefined)).toThrow(/eds\.config\.ts and eds\.config\.yaml/)
    expect(findConfig(folder, 'eds.config.yaml')).toBe(path)
    expect(() => findConfig(folder, 'other.yaml')).toThrow(/there is no .*other\.yaml/)
  })
})

describe('docs/eds.config.schema.json', () => {
  const path = fileURLToPath(new URL('../../../../docs/eds.config.schema.json', import.meta.url))

  it('is what the program goes by', () => {
    const text = `${JSON.stringify(configJsonSchema(), null, 2)}\n`
    if (process.env.UPDATE_SCHEMA !== undefined) writeFileSync(path, text)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(text))
  })
})
