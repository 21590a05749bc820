import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { requireExecutable, requireService } from '@eds/tool-services/vitest'
import { parse } from 'smol-toml'
import { beforeAll, expect, it } from 'vitest'
import { askHttp } from '../world.js'
import { buildProgram } from './eds-process.js'
import { hqWorld } from './hq-world.js'
import { noteEvent, noteSchemas } from './note-table.js'

const nats = await requireExecutable('nats')
const postgres = await requireService('postgres')

beforeAll(buildProgram)

const configOf = (cwd: string) => parse(readFileSync(join(cwd, 'data/config.toml'), 'utf8'))

nats.describe('a server that HQ manages', () => {
  postgres.describe('into PostgreSQL', () => {
    it('is enrolled, configured and imported into from HQ, and then delivers', { timeout: 120_000 }, async () => {
      const world = await hqWorld(postgres.url)
      const { sim, cwd, url, password } = world
      await world.enroll()
      expect(configOf(cwd)).toEqual({ token: sim.apiKey, server_id: sim.serverId })
      expect(statSync(join(cwd, 'data/config.toml')).mode & 0o777).toBe(0o600)

      const server = world.serve()
      await server.prints(/waiting for HQ to configure one/)
      await sim.waitFor('a heartbeat', () => sim.heartbeats.length > 0, 30_000)
      expect(sim.sessions[0]?.body).toMatchObject({ serverId: sim.serverId, osinfo: { num_cpu: expect.any(Number) } })
      expect(sim.sessions[0]?.body.driver).toBeUndefined()
      expect(await askHttp(cwd, '/')).toEqual({ status: 200, text: '{"status":"waiting","sinks":{}}' })
      await sim.ping()
      const { drivers } = (await sim.request('driverconfig')) as { drivers: Record<string, unknown> }
      expect(Object.keys(drivers)).toEqual(expect.arrayContaining(['postgres', 'mysql', 'file', 's3', 'kafka']))
      expect(drivers.postgres).toMatchObject({ metadata: { supportsImport: true, supportsMigration: true } })

      const { hostname, port, pathname, username } = new URL(world.database.url)
      const form = {
        Database: pathname.slice(1),
        Hostname: hostname,
        Port: port,
        Username: username,
        Password: password,
      }
      const wrong = await sim.request('validate', { driver: 'postgres', config: { ...form, Hostname: '' } })
      expect(wrong).toMatchObject({ success: false, field_errors: [{ field: 'Hostname', error: 'is required' }] })
      const right = await sim.request('validate', { driver: 'postgres', config: form })
      expect(right).toMatchObject({ success: true, url: expect.stringMatching(/^postgres:\/\//) })

      for (const [bad, reason] of [
        ['mongodb://u:p@host/db', /no driver for "mongodb:\/\/"/],
        [url.replace(password, `${password}x`), /cannot be used.*password authentication failed/],
      ] as const) {
        const refused = await sim.request('configure', { url: bad, backfill: true }, { timeoutMs: 20_000 })
        expect(refused).toMatchObject({ success: false, message: expect.stringMatching(reason) })
        expect(JSON.stringify(refused)).not.toContain(password)
      }
      expect(configOf(cwd).url).toBeUndefined()

      const configured = await sim.request('configure', { url, backfill: false }, { timeoutMs: 20_000 })
      expect(configured).toMatchObject({ success: true, backfill: false, maskedURL: expect.stringMatching(/:\*\*\*@/) })
      expect(configOf(cwd)).toEqual({ token: sim.apiKey, server_id: sim.serverId, url })
      const [companyId = ''] = sim.companies
      const before = Date.now()
      await sim.publishEvents([noteEvent({ companyId, row: { id: 'a', title: 'older than the export' } })])
      await sim.setExport({
        rows: { note: ['a', 'b'].map((id) => ({ id, companyId, title: `exported ${id}` })) },
        time: before + 1_000,
        pendingPolls: 0,
      })
      expect(await askHttp(cwd, '/')).toMatchObject({ text: '{"status":"waiting","sinks":{}}' })
      expect(await world.database.count('note')).toBe(0)

      await sim.notify('import', { backfill: true })
      await sim.waitFor('an import', () => sim.answers.some(({ name }) => name === 'import-status'), 20_000)
      await sim.ping()
      const imported = () => sim.answers.find(({ name }) => name === 'import-response')?.data
      expect(await sim.waitFor('the end of the import', imported, 60_000)).toMatchObject({ success: true })
      await expect.poll(() => Date.now()).toBeGreaterThan(before + 1_000)
      await sim.publishEvents([noteEvent({ companyId, row: { id: 'c', title: 'newer' } })])
      const titles = () => world.database.query('SELECT id, title FROM note ORDER BY id')
      await expect.poll(titles).toEqual([
        { id: 'a', title: 'exported a' },
        { id: 'b', title: 'exported b' },
        { id: 'c', title: 'newer' },
      ])
      expect((await world.run(['control', 'pause'])).output).toBe('paused\n')
      await sim.notify('sendlogs')
      const status = await world.run(['status'])
      expect(status.output).toMatch(/paused/)
      expect((await world.run(['control', 'unpause'])).output).toBe('running again\n')
      expect((await world.run(['control', 'logfile'])).output).toMatch(/logs\/eds-.*\.log\n$/)
      expect((await world.run(['control', 'restart'])).code).toBe(0)
      await server.prints(/delivering from[\s\S]*delivering from/)

      server.child.kill('SIGTERM')
      expect(await server.ended).toEqual({ code: 0, signal: null })
      expect(sim.sessions.map(({ end }) => end?.errored)).toEqual([false])
      expect(readdirSync(join(cwd, 'data/sessions'))).toEqual([])
      world.expectNoSecrets()
    })

    it('delivers, pauses, answers and restarts', { timeout: 120_000 }, async () => {
      const world = await hqWorld(postgres.url, { schemas: noteSchemas.slice(0, 1) })
      const { sim, database } = world
      await world.enroll()
      const [companyId = ''] = sim.companies
      const note = (id: string, more: object = {}) => noteEvent({ companyId, row: { id, title: `t ${id}` }, ...more })
      const rows = (table: string) => database.query(`SELECT * FROM "${table}" ORDER BY id`).catch(() => [])

      const made = await world.run(['import', '--schema-only', '--url', world.url])
      expect(made).toMatchObject({ code: 0 })
      expect(await database.count('note')).toBe(0)
      expect(await rows('note')).toEqual([])
      const server = world.serve(['--url', world.url])
      await server.prints(/delivering from/)
      await sim.publishEvents([
        note('a'),
        note('b'),
        note('c'),
        noteEvent({ operation: 'UPDATE', companyId, row: { id: 'b', title: 'changed' } }),
        noteEvent({ operation: 'DELETE', companyId, row: { id: 'c' } }),
      ])
      const ab = [
        { id: 'a', companyId, title: 't a' },
        { id: 'b', companyId, title: 'changed' },
      ]
      await expect.poll(() => rows('note')).toEqual(ab)
      expect(sim.sessions[0]?.body.driver).toMatchObject({ id: 'postgres', url: expect.stringMatching(/:\*\*\*@/) })

      sim.setSchemas(noteSchemas)
      await sim.publishEvents([
        noteEvent({ table: 'label', modelVersion: 'fff000003', companyId, row: { id: 'l', title: 'new table' } }),
        note('d', { modelVersion: 'fff000002', row: { id: 'd', title: 'new column', color: 'red', unknown: 1 } }),
        note('x', { modelVersion: 'fff0000ff' }),
      ])
      await expect.poll(() => rows('label')).toEqual([{ id: 'l', companyId, title: 'new table' }])
      const withColor = [...ab, { id: 'd', companyId, title: 'new column' }].map((row) => ({
        ...row,
        color: row.id === 'd' ? 'red' : null,
      }))
      await expect.poll(() => rows('note')).toEqual(withColor)
      const mismatch = await world.run(['dead-letter', 'list'])
      expect(mismatch.output).toMatch(/note.*fff0000ff/)

      const answer = (name: string) => sim.answers.filter((seen) => seen.name === name)
      const answered = (name: string, count = 1) =>
        sim.waitFor(`${count} ${name}`, () => answer(name)[count - 1], 20_000).then(({ data }) => data)
      await sim.notify('pause')
      expect(await answered('pause-response')).toMatchObject({ success: true })
      await sim.publishEvents([note('e')])
      await sim.notify('sendlogs')
      const { path } = (await answered('sendlogs-response')) as { path: string }
      expect(sim.uploads.find((upload) => upload.path === path)?.text).toMatch(/delivering from/)
      expect((await rows('note')).length).toBe(3)

      await sim.notify('restart')
      expect(await answered('restart-response')).toMatchObject({ success: true })
      expect((await rows('note')).length).toBe(3)
      await sim.notify('unpause')
      expect(await answered('unpause-response')).toMatchObject({ success: true })
      await expect.poll(async () => (await rows('note')).length).toBe(4)

      await sim.notify('pause')
      expect(await answered('pause-response', 2)).toMatchObject({ success: true })
      server.child.kill('SIGINT')
      expect(await server.ended).toEqual({ code: 0, signal: null })
      expect(server.output()).toMatch(/delivery was paused: a new start of the program does not remember that/)
      expect(sim.sessions).toHaveLength(1)
      expect(sim.uploads.map(({ kind }) => kind)).toEqual(['log', 'end'])
      world.expectNoSecrets()
    })
  })
})
