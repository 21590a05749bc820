import { compareState, describeDifferences, ExpectedState, writeExport } from '@eds/shop'
import { type HqSim, startHqSim } from '@eds/tool-hq-sim'
import { requireExecutable, requireService } from '@eds/tool-services/vitest'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../eds.js'
import { buildProgram, spawnEds } from '../hq/eds-process.js'
import { testDatabase } from '../world.js'

const nats = await requireExecutable('nats')
const postgres = await requireService('postgres')

beforeAll(buildProgram, 120_000)

async function world() {
  const sim = await startHqSim()
  onTestFinished(() => sim.close())
  const directory = temporaryFolder()
  const expected = new ExpectedState()
  const tables = ['label', 'user', 'order']
  await writeExport({ dir: directory, seed: 5, rows: 600, rowsPerFile: 20, tables, expected })
  await sim.setExport({ directory, pendingPolls: 0 })
  const cwd = temporaryFolder()
  const database = await testDatabase(postgres.url)
  const start = (...more: string[]) => {
    const words = ['import', '--api-url', sim.url, '--url', database.url, '--no-confirm', ...more]
    return spawnEds(words, cwd, { SM_APIKEY: sim.apiKey })
  }
  const finish = async (...more: string[]) => {
    const { ended, output } = start(...more)
    expect({ ...(await ended), output: output() }).toMatchObject({ code: 0 })
    return compareState(expected, database.readTable).then(describeDifferences)
  }
  return { sim, database, start, finish }
}

const downloads = (sim: HqSim) => sim.requests.filter(({ path }) => path.includes('export-files')).length

async function kill({ child, ended }: ReturnType<typeof spawnEds>): Promise<void> {
  child.kill('SIGKILL')
  expect(await ended).toEqual({ code: null, signal: 'SIGKILL' })
}

nats.describe('an import that is killed', () => {
  postgres.describe('and run again', () => {
    it('ends in the same state when it was downloading', { timeout: 60_000 }, async () => {
      const { sim, start, finish } = await world()
      const killed = start()
      await sim.waitFor('some downloads', () => downloads(sim) >= 3, 30_000)
      // Those that follow wait for HQ to serve again.
      sim.failNext('exportFile', 503, 40)
      await kill(killed)
      const url = `${sim.url}/export-files/none`
      for (let status = 503; status === 503; ) status = (await fetch(url)).status
      expect(await finish('--job-id', sim.exportJobs[0]?.id ?? '')).toBe('')
    })

    it('ends in the same state when it was loading', { timeout: 60_000 }, async () => {
      const { sim, database, start, finish } = await world()
      expect(await finish()).toBe('')
      await database.query('DELETE FROM label')
      await database.query('DELETE FROM "order"')
      await database.query('BEGIN')
      await database.query('LOCK TABLE "order" IN ACCESS EXCLUSIVE MODE')
      const killed = start()
      await killed.prints(/^user: \d+ rows/m)
      await kill(killed)
      await database.query('ROLLBACK')
      expect(await finish('--job-id', sim.exportJobs[1]?.id ?? '')).toBe('')
    })
  })
})
