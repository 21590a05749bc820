// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested

import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requireService } from '@eds/tool-services/vitest'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { type EdsCall, runEds, startEds, temporaryFolder } from '../eds.js'
import { eventText, figure, testDatabase, testStream } from '../world.js'

const nats = await requireService('nats')
const postgres = await requireService('postgres')

const common = ['--port', '0', '--host', '127.0.0.1']

async function stopped(call: EdsCall): Promise<number> {
  call.stop()
  return call.done
}

/** A stream, a database, and a folder with a configuration that names them. */
async function world() {
  const stream = await testStream(nats.url)
  const database = await testDatabase(postgres.url)
  const cwd = temporaryFolder()
  return {
    stream,
    database,
    cwd,
    insert: (table: string, row: Readonly<Record<string, unknown>>) =>
      stream.publishRaw(`${table}.INSERT`, eventText({ table, row })),
    configure: (more: object) => {
      const source = { type: 'nats', servers: nats.url, stream: stream.name }
      writeFileSync(join(cwd, 'eds.config.yaml'), stringify({ source, start: 'beginning', ...more }))
    },
  }
}

const transforms = [
  {
    table: 'person',
    rename: 'people',
    columns: { exclude: ['phone'], rename: { id: 'key', name: 'full_name' }, mask: ['email'], hash: ['age'] },
  },
]

nats.describe('eds server with a configuration file', () => {
  postgres.describe('into PostgreSQL', () => {
    it('filters, renames, masks and hashes, for each sink by its own rules', async () => {
      const { database, cwd, insert, configure } = await world()
      configure({
        hashKey: '${HASH_KEY}',
        filters: { tables: { exclude: ['audit_*'] } },
        sinks: [
          { name: 'shop', url: database.url, transforms },
          { name: 'files', driver: 'file', options: { directory: join(cwd, 'out'), format: 'ndjson' }, linger: '5ms' },
        ],
      })
      await insert('person', { id: 'p1', name: 'Ann', email: 'ann@example.com', age: 40, phone: '555' })
      await insert('person', { id: 'p2', name: 'Bob', email: null, age: 40, phone: '556' })
      await insert('audit_log', { id: 'a1' })
      const call = startEds(['server', ...common], { cwd, env: { HASH_KEY: 'k' } })
      await expect.poll(() => database.count('people')).toBe(2)
      await expect.poll(() => figure(cwd, 'eds_sink_events_total{sink="files"}')).toBe(2)
      expect(await stopped(call)).toBe(0)
      const [ann, bob] = await database.query('SELECT * FROM people ORDER BY key')
      expect(Object.keys(ann ?? {}).sort()).toEqual(['age', 'email', 'full_name', 'key'])
      expect(ann).toMatchObject({ key: 'p1', full_name: 'Ann', email: '***' })
      expect(bob).toMatchObject({ key: 'p2', full_name: 'Bob', email: null, age: ann?.age })
      expect(ann?.age).toMatch(/^[0-9a-f]{64}$/)
      expect(await database.count('audit_log')).toBe(0)
      expect(await readdirText(join(cwd, 'out', 'person'))).toContain('ann@example.com')
    })

    it('sets events aside in their masked form, and applies them again so', async () => {
      const { database, cwd, insert, configure } = await world()
      await database.query('CREATE TABLE people (key text PRIMARY KEY, full_name text, email text, age integer)')
      configure({ hashKey: 'k', sinks: [{ name: 'shop', url: database.url, transforms }] })
      await insert('person', { id: 'p1', name: 'Ann', email: 'ann@example.com', age: 41, phone: '555' })
      const call = startEds(['server', ...common], { cwd })
      await expect.poll(() => figure(cwd, 'eds_sink_dead_letters{sink="shop"}')).toBe(1)
      const letters = await readFile(join(cwd, 'data/dead-letter/shop.ndjson'), 'utf8')
      expect(letters).toContain('full_name')
      for (const secret of ['ann@example.com', '555', '41,']) expect(letters).not.toContain(secret)
      expect(await stopped(call)).toBe(0)
      await database.query('ALTER TABLE people ALTER COLUMN age TYPE text')
      const retried = await runEds(['dead-letter', 'retry', '--sink', 'shop'], { cwd })
      expect(retried.stdout).toBe('1 applied, 0 failed again, 0 given up\n')
      expect(await database.query('SELECT email, full_name FROM people')).toEqual([{ email: '***', full_name: 'Ann' }])
    })

    it('lets the command line win', async () => {
      const { database, cwd, insert, configure } = await world()
      configure({
        source: { type: 'nats', servers: 'nats://127.0.0.1:1', stream: 'none' },
        sinks: [{ name: 'a', url: 'file:///nowhere' }],
      })
      configure({
        start: 'new',
        sinks: [{ name: 'shop', url: 'file:///nowhere', start: 'new', transforms }],
        hashKey: 'k',
      })
      await insert('person', { id: 'p1', name: 'Ann' })
      const words = ['server', ...common, '--start', 'beginning', '--url', `shop=${database.url}`]
      const call = startEds(words, { cwd })
      await expect.poll(() => database.count('people')).toBe(1)
      expect(await stopped(call)).toBe(0)
    })
  })

  it('refuses to start with rules that would take a row its identity', async () => {
    const { cwd, configure } = await world()
    configure({
      sinks: [{ name: 'out', url: `file://${cwd}/out` }],
      transforms: [{ table: '*', columns: { mask: ['id'] } }],
    })
    const { code, stderr } = await runEds(['server', ...common], { cwd })
    expect(code).toBe(3)
    expect(stderr).toMatch(/sinks\[0\]: "id" is a key of table "\*" and cannot be masked/)
  })
})

async function readdirText(folder: string): Promise<string> {
  const { readdir } = await import('node:fs/promises')
  const names = await readdir(folder)
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))).join('')
}
