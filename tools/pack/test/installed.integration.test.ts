import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requireService } from '@eds/tool-services/vitest'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installInto } from '../src/install.js'
import { packAll } from '../src/pack.js'
import { type Package, publishedPackages } from '../src/packages.js'
import { importFromTypeScript } from '../src/use.js'

const postgres = await requireService('postgres')
const timeout = 300_000

/** What a user would write; 15 lines. */
const program = `import { createPipeline, sink, staticRegistry } from '@eds/core'
import postgres from '@eds/driver-postgres'
import { shopSchemas } from '@eds/shop'
import { fileSource } from '@eds/source-file'

const [url, events] = process.argv.slice(2)
const pipeline = createPipeline({
  source: fileSource({ paths: [events] }),
  sinks: [sink(postgres, url)],
  registry: staticRegistry(shopSchemas().versions),
})
await pipeline.run()
const [lane] = pipeline.lanes
console.log(lane.status().totalEvents)
`

postgres.describe('packages installed from their tarballs', () => {
  let folder: string
  let project: string
  let packages: Package[]
  const run = async (command: string, ...words: string[]) => {
    const { stdout } = await promisify(execFile)(command, words, { cwd: project, maxBuffer: 64 * 1024 * 1024 })
    return stdout
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eds-pack-'))
    project = join(folder, 'project')
    packages = await publishedPackages()
    await installInto(project, packages, await packAll(packages, folder))
  }, timeout)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('can be imported from TypeScript', { timeout }, async () => {
    await importFromTypeScript(project, packages)
  })

  test('deliver into PostgreSQL from a program of 15 lines', { timeout }, async () => {
    const name = `eds_pack_${process.pid}`
    const admin = new pg.Client(postgres.url)
    await admin.connect()
    await admin.query(`CREATE DATABASE ${name}`)
    try {
      const events = await run('npx', 'shop', 'events', '--events', '500')
      await writeFile(join(project, 'events.ndjson'), events)
      await writeFile(join(project, 'pipeline.mjs'), program)
      const url = new URL(postgres.url)
      url.pathname = `/${name}`
      expect(await run(process.execPath, 'pipeline.mjs', url.href, 'events.ndjson')).toBe('500\n')
      const expected = new Set(events.split('\n').flatMap((line) => (line ? [JSON.parse(line).table] : [])))
      const database = new pg.Client(url.href)
      await database.connect()
      const { rows } = await database.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
      await database.end()
      expect(rows.map(({ tablename }) => tablename).sort()).toEqual([...expected].sort())
    } finally {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    }
  })

  test('bring the command eds', { timeout }, async () => {
    expect(await run('npx', 'eds', 'version')).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(await run('npx', 'eds', 'driver', 'list')).toMatch(/@eds\/driver-postgres/)
    expect(await run('npx', 'eds', 'demo', '--events', '500', '--silent')).toMatch(/500/)
    expect(existsSync(join(project, 'data', 'demo'))).toBe(true)
  })

  test('leave out what is optional', async () => {
    const optional = packages.flatMap(({ optionalPeers }) => optionalPeers)
    const direct = new Set(packages.flatMap(({ dependencies }) => dependencies))
    const uninvited = optional.filter((name) => !direct.has(name) && existsSync(join(project, 'node_modules', name)))
    expect(optional).toContain('@socket.io/redis-adapter')
    expect(uninvited).toEqual([])
  })
})
