import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { shopSchemas, shopTables, writeExport } from '@eds/shop'
import { requireExecutable, requireService } from '@eds/tool-services/vitest'
import { beforeAll, expect, it } from 'vitest'
import { temporaryFolder } from '../eds.js'
import { askHttp } from '../world.js'
import { buildProgram } from './eds-process.js'
import { hqWorld } from './hq-world.js'

const nats = await requireExecutable('nats')
const postgres = await requireService('postgres')

beforeAll(buildProgram)

nats.describe('the first import that HQ asks for', () => {
  postgres.describe('with a server that has delivered nothing', () => {
    it('brings every table of the shop; until then health and status tell what is missing', {
      timeout: 120_000,
    }, async () => {
      const world = await hqWorld(postgres.url, { schemas: [...shopSchemas().versions] })
      const { sim, cwd } = world
      await world.enroll()
      const server = world.serve()
      await server.prints(/waiting for HQ to configure one/)
      const health = () => askHttp(cwd, '/').then(({ status, text }) => [status, JSON.parse(text)])
      const status = () => world.run(['status']).then(({ output }) => output)
      expect(await health()).toEqual([200, { status: 'waiting', sinks: {} }])
      expect(await status()).toMatch(/^waiting: eds .*\n\nthere is no destination yet: waiting for HQ .*\n$/)

      const url = `file://${cwd}/out`
      expect(await sim.request('configure', { url, backfill: true })).toMatchObject({ success: true })
      expect(await status()).toMatch(/^waiting: eds .*\n\nnothing is delivered yet: waiting for HQ to import .*\n$/)

      const directory = temporaryFolder()
      const { files } = await writeExport({ dir: directory, rows: 100, seed: 1 })
      expect(Math.max(...files.map((name) => name.length))).toBeGreaterThan(100)
      await sim.setExport({ directory, pendingPolls: 0 })
      const imported = async (count: number) => {
        await sim.notify('import', { backfill: true })
        const answers = () => sim.answers.filter(({ name }) => name === 'import-response')
        return (await sim.waitFor(`import ${count}`, () => answers()[count - 1], 60_000)).data
      }
      sim.failNext('startExport', 500)
      expect(await imported(1)).toMatchObject({ success: false, message: expect.stringMatching(/answered 500/) })
      expect(await health()).toEqual([200, { status: 'degraded', sinks: {} }])
      const failed = /the import failed: .*answered 500.*; nothing is delivered until HQ asks for another one/
      expect(await status()).toMatch(new RegExp(`^degraded: eds .*\\n\\n${failed.source}\\n$`))
      await server.prints(failed)

      expect(await imported(2)).toMatchObject({ success: true })
      expect(readdirSync(join(cwd, 'out')).sort()).toEqual([...shopTables].sort())
      await server.prints(/delivering from/)
      await expect.poll(health).toMatchObject([200, { status: 'ok' }])
      world.expectNoSecrets()
    })
  })
})
