import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireExecutable, requireService } from '@eds/tool-services/vitest'
import { parse } from 'smol-toml'
import { beforeAll, expect, it } from 'vitest'
import { patience } from '../world.js'
import { buildProgram, type EdsProcess } from './eds-process.js'
import { type HqWorld, hqWorld } from './hq-world.js'
import { noteEvent } from './note-table.js'

const nats = await requireExecutable('nats')
const postgres = await requireService('postgres')

beforeAll(buildProgram)

const timeout = 120_000

/** An enrolled server that delivers to the database from the beginning of the stream. */
async function delivering(words: readonly string[] = []) {
  const world = await hqWorld(postgres.url)
  await world.enroll()
  const server = world.serve(['--url', world.url, '--restart', ...words])
  let count = 0
  const publish = async (events: number) => {
    const [companyId = ''] = world.sim.companies
    const ids = Array.from({ length: events }, () => `n${++count}`)
    await world.sim.publishEvents(ids.map((id) => noteEvent({ companyId, row: { id, title: id } })))
  }
  const delivered = () => expect.poll(() => world.database.count('note'), patience).toBe(count)
  await publish(10)
  await delivered()
  return { world, server, publish, delivered }
}

/** The process that delivers; `undefined` while there is none. */
function workerOf({ cwd }: HqWorld, { child }: EdsProcess): number | undefined {
  const path = join(cwd, 'data/control.json')
  if (!existsSync(path)) return undefined
  const { pid } = JSON.parse(readFileSync(path, 'utf8'))
  return pid === child.pid ? undefined : pid
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function stopped({ child, ended }: EdsProcess): Promise<void> {
  child.kill('SIGTERM')
  expect(await ended).toEqual({ code: 0, signal: null })
}

nats.describe('a server that HQ manages, in trouble', () => {
  postgres.describe('into PostgreSQL', () => {
    it('renews its session again and again, and loses nothing', { timeout }, async () => {
      const { world, server, publish, delivered } = await delivering(['--renew-interval', '2s'])
      const { sim } = world
      for (let round = 2; round <= 4; round++) {
        await publish(20)
        await sim.waitFor(`${round} sessions`, () => sim.sessions.length >= round, 30_000)
      }
      await publish(20)
      await delivered()
      await stopped(server)
      expect(sim.sessions.every(({ end }) => end?.errored === false)).toBe(true)
      expect(sim.uploads.filter(({ kind }) => kind === 'end')).toHaveLength(sim.sessions.length)
      expect(await world.database.query('SELECT count(DISTINCT id) AS n FROM note')).toEqual([{ n: '90' }])
      world.expectNoSecrets()
    })

    it('reports crashes, starts again, and gives up after the sixth', { timeout }, async () => {
      const { world, server, publish, delivered } = await delivering()
      const { sim } = world
      for (let crash = 1; crash <= 6; crash++) {
        await expect.poll(() => workerOf(world, server), patience).toBeDefined()
        process.kill(workerOf(world, server)!, 'SIGKILL')
        await sim.waitFor(
          `crash ${crash}`,
          () => sim.uploads.filter(({ kind }) => kind === 'error').length === crash,
          30_000,
        )
        if (crash === 6) break
        await publish(5)
        await delivered()
      }
      expect(await server.ended).toEqual({ code: 1, signal: null })
      expect(server.output()).toMatch(/too many crashes: giving up/)
      expect(sim.sessions.map(({ end }) => end?.errored)).toEqual([true, true, true, true, true, true])
      expect(sim.answers.filter(({ name }) => name === 'sendlogs-response')).toHaveLength(6)
      world.expectNoSecrets()
    })

    it('takes its worker along when it is killed, and a new one goes on', { timeout }, async () => {
      const { world, server, publish, delivered } = await delivering()
      const worker = workerOf(world, server)!
      server.child.kill('SIGKILL')
      await expect.poll(() => isAlive(worker), patience).toBe(false)
      await publish(10)
      world.sim.conflictNext()
      const next = world.serve(['--url', world.url])
      await next.prints(/running already: trying again in 5 s/)
      await delivered()
      await stopped(next)
      world.expectNoSecrets()
    })

    it('starts when HQ comes back, and delivers while HQ is away', { timeout }, async () => {
      const { world, server, publish, delivered } = await delivering()
      const { sim } = world
      await sim.down()
      process.kill(workerOf(world, server)!, 'SIGKILL')
      await publish(10)
      await delivered()
      await sim.up()
      await stopped(server)

      await sim.down()
      const next = world.serve(['--url', world.url])
      await next.prints(/HQ cannot be reached, trying again in 5 s/)
      await sim.up()
      await publish(10)
      await delivered()
      await stopped(next)
      world.expectNoSecrets()
    })

    it('goes on when NATS comes back', { timeout }, async () => {
      const { world, server, publish, delivered } = await delivering()
      const { sim } = world
      await sim.stopNats()
      await server.prints(/the channel to HQ is lost/)
      await sim.startNats()
      await publish(10)
      await delivered()
      await sim.ping({ timeoutMs: 20_000 })
      await stopped(server)
    })

    it('begins a new session when its credentials expire', { timeout }, async () => {
      const world = await hqWorld(postgres.url, { credentialLifetimeMs: 8_000 })
      const { sim } = world
      await world.enroll()
      const server = world.serve(['--url', world.url, '--restart'])
      await sim.waitFor('another session', () => sim.sessions.length > 1, 60_000)
      const [companyId = ''] = sim.companies
      await sim.publishEvents([noteEvent({ companyId, row: { id: 'a' } })])
      await expect.poll(() => world.database.count('note'), patience).toBe(1)
      await stopped(server)
      expect(server.output()).toMatch(/NATS is lost, beginning a new session in 5 s/)
      world.expectNoSecrets()
    })

    it('forgets who it is when HQ deletes it', { timeout }, async () => {
      const { world, server } = await delivering()
      const { sim, cwd } = world
      await sim.notify('shutdown', { message: 'removed by Ann', deleted: true })
      expect(await server.ended).toEqual({ code: 0, signal: null })
      expect(server.output()).toMatch(/shutting down, as HQ asks: removed by Ann/)
      expect(parse(readFileSync(join(cwd, 'data/config.toml'), 'utf8'))).toEqual({ token: sim.apiKey })
      const again = await world.run(['server'])
      expect(again).toEqual({ code: 3, output: expect.stringMatching(/^error: this server is not enrolled.*\n$/) })
    })

    it('tells HQ of an import that fails, can be stopped during one, and imports after all', { timeout }, async () => {
      const world = await hqWorld(postgres.url)
      const { sim } = world
      await world.enroll()
      const server = world.serve()
      await sim.waitFor('a heartbeat', () => sim.heartbeats.length > 0, 30_000)
      const responses = () => sim.answers.filter(({ name }) => name === 'import-response').map(({ data }) => data)
      await sim.notify('import', { backfill: true })
      expect(await sim.waitFor('a refusal', () => responses()[0])).toMatchObject({ success: false })

      await sim.request('configure', { url: world.url, backfill: true }, { timeoutMs: 20_000 })
      await sim.setExport({ rows: { note: [{ id: 'a' }] }, failed: { note: 'out of paper' }, pendingPolls: 0 })
      await sim.notify('import', { backfill: true })
      expect(await sim.waitFor('a failure', () => responses()[1], 60_000)).toMatchObject({
        success: false,
        message: expect.stringMatching(/note.*out of paper/),
      })
      await sim.waitFor('its log', () => sim.answers.some(({ name }) => name === 'sendlogs-response'))
      expect(sim.uploads[0]).toMatchObject({ kind: 'log', text: expect.stringMatching(/out of paper/) })

      await sim.setExport({ rows: { note: [{ id: 'a' }] }, pendingPolls: 1_000 })
      await sim.notify('import', { backfill: true })
      await sim.waitFor('a poll', () => sim.exportJobs.some(({ polls }) => polls > 0 && polls < 3), 30_000)
      await stopped(server)

      await sim.setExport({ rows: { note: [{ id: 'a' }] }, pendingPolls: 0 })
      const next = world.serve()
      await next.prints(/delivering from/)
      await sim.notify('import', { backfill: true })
      const isDone = () => responses().some((data) => (data as { success: boolean }).success)
      await sim.waitFor('the import', isDone, 60_000)
      expect(await world.database.query('SELECT id FROM note')).toEqual([{ id: 'a' }])
      await stopped(next)
      world.expectNoSecrets()
    })

    it('says what is wrong with what it is given', { timeout }, async () => {
      const world = await hqWorld(postgres.url)
      const { sim, cwd } = world
      expect(await world.run(['enroll', 'LWRONG', '--api-url', sim.url])).toMatchObject({ code: 3 })
      expect(await world.run(['enroll', 'X1'])).toMatchObject({ code: 3, output: expect.stringMatching(/begins with/) })
      await world.enroll()
      const foreign = await world.serve(['--url', world.url, '--companyIds', 'foreign']).ended
      expect(foreign).toEqual({ code: 3, signal: null })

      const server = world.serve(['--url', world.url])
      await server.prints(/delivering from/)
      await sim.notify('dance')
      await sim.notify('configure', { url: 7 })
      await sim.notifyBytes('restart', Buffer.from('{'))
      await sim.waitFor('answers', () => sim.answers.filter(({ name }) => name.endsWith('-response')).length >= 3)
      await sim.ping()
      await sim.notify('upgrade', { version: '0.0.0-none' })
      const refused = () => sim.answers.find(({ name }) => name === 'upgrade-response')?.data
      expect(await sim.waitFor('a refusal', refused, 60_000)).toMatchObject({ success: false })
      await stopped(server)

      writeFileSync(
        join(cwd, 'data/config.toml'),
        `token = "${sim.apiKey}x"\nserver_id = "other"\nurl = "${world.url}"\n`,
      )
      const unknown = await world.serve().ended
      expect(unknown).toEqual({ code: 3, signal: null })
      world.expectNoSecrets()
    })
  })
})
