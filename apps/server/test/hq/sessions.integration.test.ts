import { requireExecutable, requireService } from '@eds/tool-services/vitest'
import { beforeAll, expect, it } from 'vitest'
import { delivering, stopped, workerOf } from './delivering.js'
import { buildProgram } from './eds-process.js'
import { hqWorld } from './hq-world.js'
import { noteEvent } from './note-table.js'

const nats = await requireExecutable('nats')
const postgres = await requireService('postgres')

beforeAll(buildProgram)

const timeout = 120_000

nats.describe('sessions with HQ', () => {
  postgres.describe('of a server that delivers to PostgreSQL', () => {
    it('renews its session again and again, and loses nothing', { timeout }, async () => {
      const { world, server, publish, delivered } = await delivering(postgres.url, ['--renew-interval', '3s'])
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

    it('starts when HQ comes back, and delivers while HQ is away', { timeout }, async () => {
      const { world, server, publish, delivered } = await delivering(postgres.url)
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
      const { world, server, publish, delivered } = await delivering(postgres.url)
      const { sim } = world
      await sim.stopNats()
      await server.prints(/the channel to HQ is lost/)
      await sim.startNats()
      await publish(10)
      await delivered()
      await server.prints(/the channel to HQ is back/)
      await sim.ping()
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
      await expect.poll(() => world.database.count('note')).toBe(1)
      await stopped(server)
      expect(server.output()).toMatch(/NATS is lost, beginning a new session in 5 s/)
      world.expectNoSecrets()
    })
  })
})
