// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { draftUrl, variableName } from '../../src/config/draft.js'
import { runEds, temporaryFolder } from '../eds.js'

const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8')

describe('eds init without a terminal', () => {
  it('writes a file that refers to its secrets, and never shows them', async () => {
    const cwd = temporaryFolder()
    const urls = ['--url', 'shop=postgres://me:b`r"own@db/shop', '--url', `archive=file://${cwd}/out`]
    const source = ['--server', 'nats://user:okapi@localhost:4222', '--stream', 'changes', '--start', 'beginning']
    const { code, stdout, stderr } = await runEds(['init', ...urls, ...source], { cwd })
    expect([code, stderr]).toEqual([0, ''])
    expect(read(cwd, 'eds.config.yaml')).toBe(
      [
        'source:',
        '  type: nats',
        '  servers: nats://user:${NATS_PASSWORD}@localhost:4222',
        '  stream: changes',
        'sinks:',
        '  - name: shop',
        '    url: postgres://me:${SHOP_PASSWORD}@db/shop',
        '    start: beginning',
        '  - name: archive',
        `    url: file://${cwd}/out`,
        '    start: beginning',
        '',
      ].join('\n'),
    )
    expect(read(cwd, '.env')).toBe("NATS_PASSWORD='okapi'\nSHOP_PASSWORD='b`r\"own'\n")
    for (const name of ['.env', 'eds.config.yaml']) expect(statSync(join(cwd, name)).mode & 0o077).toBe(0)
    expect(stdout).toContain('Next: eds check, then eds server')
    for (const secret of ['okapi', 'b`r"own']) expect(stdout).not.toContain(secret)
  })

  it.each(['eds.config.json', 'eds.config.ts'])('writes %s, which eds check reads', async (name) => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'events.ndjson'), '')
    const made = await runEds(['init', '--config', name, '--url', `out=file://${cwd}/out`], { cwd })
    expect(made.code).toBe(0)
    const text = read(cwd, name).replace('"type": "nats"', '"type": "file", "paths": ["events.ndjson"]')
    writeFileSync(join(cwd, name), text)
    const { code, stdout } = await runEds(['check'], { cwd })
    expect(stdout).toMatch(/sink out +ok/)
    expect(code).toBe(0)
  })

  it('overwrites nothing', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'eds.config.json'), '{}')
    const url = ['--url', 'shop=postgres://me:okapi@db/shop']
    const again = await runEds(['init', ...url], { cwd })
    expect(again.code).toBe(3)
    expect(again.stderr).toMatch(/eds\.config\.json is there already/)
    writeFileSync(join(cwd, '.env'), 'SHOP_PASSWORD=other')
    const other = await runEds(['init', '--config', 'other.yaml', ...url], { cwd })
    expect(other.code).toBe(3)
    expect(other.stderr).toMatch(/\.env holds another SHOP_PASSWORD/)
    expect(existsSync(join(cwd, 'other.yaml'))).toBe(false)
    expect(read(cwd, '.env')).toBe('SHOP_PASSWORD=other')
  })

  it('tells what to say where it cannot ask', async () => {
    const { code, stderr } = await runEds(['init'], { cwd: temporaryFolder() })
    expect(code).toBe(3)
    expect(stderr).toMatch(/no terminal to ask on: say where the changes go, for instance --url/)
  })
})

describe('eds init on a terminal', () => {
  it('asks for source, driver and the fields of its form, and again for what is wrong', async () => {
    const cwd = temporaryFolder()
    const answers = [
      'kafka',
      'nats',
      '',
      'changes',
      'oracle',
      'postgres',
      'a b',
      'shop',
      '',
      'shopdb',
      'me',
      'okapi',
      'db.example.com',
      'x',
      '5433',
      'beginning',
    ]
    const { code, stdout, stderr } = await runEds(['init'], { cwd, isTTY: true, stdin: `${answers.join('\n')}\n` })
    expect(stdout + stderr).not.toContain('okapi')
    expect(stderr).toMatch(/choose one of nats, postgres, mysql, file, http/)
    expect(stderr).toMatch(/postgres +PostgreSQL/)
    expect(code).toBe(0)
    expect(read(cwd, 'eds.config.yaml')).toContain('password: ${SHOP_PASSWORD}')
    expect(read(cwd, '.env')).toBe("SHOP_PASSWORD='okapi'\n")
  })

  it('writes nothing when it is left', async () => {
    const cwd = temporaryFolder()
    const { code, stderr } = await runEds(['init'], { cwd, isTTY: true, stdin: 'nats\n' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/stopped before the last answer: nothing was written/)
    expect(existsSync(join(cwd, 'eds.config.yaml'))).toBe(false)
  })
})

describe('variableName', () => {
  it.each([
    [['shop-db', 'password'], 'SHOP_DB_PASSWORD'],
    [['x', 'secretAccessKey'], 'X_SECRET_ACCESS_KEY'],
    [['1st', 'token'], '_1ST_TOKEN'],
  ])('%s', (parts, expected) => {
    expect(variableName(...parts)).toBe(expected)
  })
})

describe('draftUrl', () => {
  it('takes out the password, whatever is in it', () => {
    expect(draftUrl('mysql://me:p@/:w?d@host/db?x=1', 'a')).toEqual({
      part: 'mysql://me:${A_PASSWORD}@host/db?x=1',
      secrets: { A_PASSWORD: 'p@/:w?d' },
    })
    expect(draftUrl('file:///x', 'a')).toEqual({ part: 'file:///x', secrets: {} })
  })
})

describe('eds check', () => {
  it('says how to begin', async () => {
    const { code, stderr } = await runEds(['check'], { cwd: temporaryFolder() })
    expect(code).toBe(3)
    expect(stderr).toMatch(/make one with eds init/)
  })

  it('lists all that is wrong, by exit code 3', async () => {
    const cwd = temporaryFolder()
    const sinks = [
      { name: 'a', url: 'postgres://db/x?nonsense=1' },
      { name: 'b', url: 'nothing://x' },
      { name: 'c', driver: 'oracle' },
    ]
    writeFileSync(join(cwd, 'eds.config.json'), JSON.stringify({ sinks }))
    const { code, stderr } = await runEds(['check'], { cwd })
    expect(code).toBe(3)
    for (const index of [0, 1, 2]) expect(stderr).toContain(`sinks[${index}]: `)
  })

  it('tells each connection that fails, by exit code 1', async () => {
    const cwd = temporaryFolder()
    const source = { type: 'nats', servers: 'nats://127.0.0.1:1' }
    const sinks = [
      { name: 'far', url: 'postgres://me:okapi@127.0.0.1:1/x' },
      { name: 'near', url: `file://${cwd}/out` },
    ]
    writeFileSync(join(cwd, 'eds.config.json'), JSON.stringify({ source, sinks }))
    const { code, stdout, stderr } = await runEds(['check', '--json'], { cwd })
    expect(code).toBe(1)
    expect(stdout + stderr).not.toContain('okapi')
    const { results } = JSON.parse(stdout)
    const found = results.map(({ part, isOk }: { part: string; isOk: boolean }) => [part, isOk])
    expect(found).toEqual([
      ['source', false],
      ['schemas', true],
      ['sink far', false],
      ['sink near', true],
    ])
  })
})
