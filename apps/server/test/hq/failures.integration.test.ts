import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireExecutable, requireService } from '@eds/tool-services/vitest'
import { parse } from 'smol-toml'
import { beforeAll, expect, it } from 'vitest'
import { delivering, isAlive, stopped, workerOf } from './delivering.js'
import { buildProgram } from './eds-process.js'
import { hqWorld } from './hq-world.js'

const nats = await requireExecutable('nats')
const postgres = await requireService('postgres')

beforeAll(buildProgram)

const timeout = 120_000

nats.describe('a server that HQ manages', () => {
  postgres.describe('when something fails', () => {
    it('reports crashes, starts again, and gives up after the sixth', { timeout }, async () => {
      const { world, server, publish, delivered } = await delivering(postgres.url)
      const { sim } = world
      for (let crash = 1; crash <= 6; crash++) {
        await expect.poll(() => workerOf(world, server)).toBeDefined()
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
      const { world, server, publish, delivered } = await delivering(postgres.url)
      const worker = workerOf(world, server)!
      if (process.platform === 'linux')
        expect(readFileSync(`/proc/${worker}/cmdline`, 'utf8')).toMatch(/eds\.js\0worker\0$/)
      server.child.kill('SIGKILL')
      await expect.poll(() => isAlive(worker)).toBe(false)
      await publish(10)
      world.sim.conflictNext()
      const next = world.serve(['--url', world.url])
      await next.prints(/running already: trying again in 5 s/)
      await delivered()
      await stopped(next)
      world.expectNoSecrets()
    })

    it('forgets who it is when HQ deletes it', { timeout }, async () => {
      const { world, server } = await delivering(postgres.url)
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

      // No registry of packages answers there.
      const npm = { npm_config_registry: sim.url, npm_config_fetch_retries: '0' }
      const server = world.serve(['--url', world.url], npm)
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
