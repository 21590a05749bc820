import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareState, describeDifferences, ExpectedState, shopCompanies, shopSchemas, writeExport } from '@eds/shop'
import { type HqSim, startHqSim } from '@eds/tool-hq-sim'
import { requireExecutable, requireService } from '@eds/tool-services/vitest'
import { expect, it, onTestFinished } from 'vitest'
import { runEds, temporaryFolder } from '../eds.js'
import { testDatabase } from '../world.js'

const nats = await requireExecutable('nats')
const postgres = await requireService('postgres')

async function world(tables = ['label', 'user', 'order']) {
  const sim = await startHqSim()
  onTestFinished(() => sim.close())
  const directory = temporaryFolder()
  const expected = new ExpectedState()
  const { rows } = await writeExport({ dir: directory, seed: 5, rows: 300, rowsPerFile: 20, tables, expected })
  await sim.setExport({ directory, pendingPolls: 0 })
  const cwd = temporaryFolder()
  const database = await testDatabase(postgres.url)
  const env = { SM_APIKEY: sim.apiKey }
  const words = ['import', '--api-url', sim.url, '--url', database.url, '--no-confirm']
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0)
  const run = (more: readonly string[] = []) => runEds([...words, ...more], { cwd, env })
  const state = () => compareState(expected, database.readTable).then(describeDifferences)
  return { sim, directory, cwd, database, env, words, rows, total, run, state }
}

const importsOf = (cwd: string) => (existsSync(join(cwd, 'data/imports')) ? readdirSync(join(cwd, 'data/imports')) : [])
const pathsOf = (sim: HqSim, name: string) => sim.requests.filter(({ path }) => path.includes(name))

nats.describe('eds import from HQ', () => {
  postgres.describe('into PostgreSQL', () => {
    it('asks for an export, waits for it, loads it and cleans up', async () => {
      const { sim, directory, cwd, total, run, state } = await world()
      await sim.setExport({ directory, pendingPolls: 1 })
      const { code, stdout, stderr } = await run([
        ...['--timeOffset', '2024-07-01T12:00:00+02:00'],
        ...['--only', 'label,user,order', '--companyIds', shopCompanies().join()],
      ])
      expect(stderr).toMatch(/export \S+: asked for\n.*export \S+: 0 of 3 tables exported\n.*3 of 3 tables exported/s)
      expect(stdout).toMatch(new RegExp(`^${total} rows of 3 tables imported into postgres://`))
      expect(code).toBe(0)
      expect(await state()).toBe('')
      expect(sim.exportJobs[0]?.body).toEqual({
        timeOffset: Date.parse('2024-07-01T10:00:00Z'),
        tables: ['label', 'user', 'order'],
        companyIds: shopCompanies(),
      })
      expect(importsOf(cwd)).toEqual([])
      for (const secret of sim.secrets()) expect(stdout + stderr).not.toContain(secret)
    }, 20_000)

    it('keeps the files if asked to, readable for their owner only, and can load them again from there', async () => {
      const { sim, cwd, total, run, state, database } = await world()
      expect((await run(['--no-cleanup'])).code).toBe(0)
      const [job = ''] = importsOf(cwd)
      expect(job).toBe(sim.exportJobs[0]?.id)
      const folder = join(cwd, 'data/imports', job)
      expect(statSync(folder).mode & 0o777).toBe(0o700)
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
      await database.query('DELETE FROM label')
      const again = await run(['--dir', folder])
      expect(again.stdout).toMatch(new RegExp(`^${total} rows of 3 tables`))
      expect(again.stderr).not.toContain('ignored')
      expect(await state()).toBe('')
    })

    it('repeats a download that breaks off, and asks for another URL when one is refused', async () => {
      const { sim, run, state } = await world()
      sim.failNext('exportFile', 'cut', 2)
      sim.failNext('exportFile', 403, 2)
      const { code, stderr } = await run()
      expect(stderr).toMatch(/downloading \S+-\w+-\w+\.ndjson\.gz failed, trying again: GET .*\?\*\*\* answered 403/)
      expect(code).toBe(0)
      expect(sim.exportJobs[0]?.polls).toBe(3)
      expect(await state()).toBe('')
    })

    it('names the tables that HQ could not export, and loads the others', async () => {
      const { sim, directory, cwd, rows, run, database } = await world()
      await sim.setExport({ directory, pendingPolls: 0, failed: { payment: 'out of cheese' } })
      const { code, stderr } = await run()
      expect(stderr).toContain('payment: HQ could not export it: out of cheese')
      const [job] = importsOf(cwd)
      expect(stderr).toMatch(
        new RegExp(`error: not imported: payment; .* rows of 3 tables .*; repeat with --job-id ${job}; .*\\n$`),
      )
      expect(code).toBe(1)
      expect(await database.count('order')).toBe(rows.get('order'))
      const folder = join(cwd, 'data/imports', job ?? '')
      expect((await run(['--dir', folder])).stderr).toContain('payment: HQ could not export it: out of cheese')
    })

    it('goes on with a job: what is there is not downloaded again', async () => {
      const { sim, run, state, cwd } = await world()
      sim.failNext('exportFile', 404, 50)
      const failed = await run()
      expect(failed.code).toBe(1)
      const [job = ''] = importsOf(cwd)
      const folder = join(cwd, 'data/imports', job)
      const half = await run(['--dir', folder])
      expect(half).toMatchObject({ code: 3 })
      expect(half.stderr).toMatch(/is a part of an export only: \d+ files are missing: get the rest with --job-id/)
      await drainFaults(sim)
      expect(await run(['--job-id', job, '--no-cleanup'])).toMatchObject({ code: 0 })
      expect(await state()).toBe('')
      const downloads = pathsOf(sim, 'export-files').length
      expect(await run(['--job-id', job])).toMatchObject({ code: 0 })
      expect(pathsOf(sim, 'export-files')).toHaveLength(downloads)
      expect(sim.exportJobs).toHaveLength(1)
    })

    it('with --schema-only asks for no export, makes all tables and remembers now', async () => {
      const { sim, run, database, cwd } = await world()
      const { code, stdout } = await run(['--schema-only'])
      expect(stdout).toMatch(new RegExp(`^${shopSchemas().latest.size} tables are ready`))
      expect(code).toBe(0)
      expect(sim.exportJobs).toEqual([])
      expect(await database.query(`SELECT 1 FROM pg_tables WHERE tablename = 'order'`)).toHaveLength(1)
      expect(importsOf(cwd)).toEqual([])
    })

    it('with --dry-run reads everything and writes nothing', async () => {
      const { run, database, rows } = await world()
      const { code, stdout, stderr } = await run(['--dry-run'])
      expect(stdout).toMatch(/^dry run: nothing was written to postgres:/)
      expect(stderr).toContain(`order: ${rows.get('order')} rows`)
      expect(code).toBe(0)
      expect(await database.query(`SELECT 1 FROM pg_tables WHERE tablename = 'order'`)).toEqual([])
    })

    it('asks on a terminal before anything is downloaded', async () => {
      const { sim, words, cwd, env } = await world()
      const plain = words.filter((word) => word !== '--no-confirm')
      const { code, stderr } = await runEds(plain, { cwd, env, stdin: 'no\n', isTTY: true })
      expect(stderr).toMatch(/holds in 3 tables: label, order, user\.\nType import/)
      expect(code).toBe(1)
      expect(pathsOf(sim, 'export-files')).toEqual([])
    })

    it('says what is wrong', async () => {
      const { run, sim, words, cwd } = await world()
      expect(await run(['--job-id', 'nonesuch'])).toMatchObject({
        code: 3,
        stderr: expect.stringMatching(/error: HQ does not know the export job nonesuch .*404.*request id/),
      })
      expect((await run(['--job-id', '../..'])).stderr).toContain('is no id of an export job')
      expect((await run(['--timeOffset', 'yesterday'])).stderr).toContain('--timeOffset "yesterday" must be a time')
      expect((await run(['--only', 'nonesuch'])).code).toBe(1)
      const wrong = await runEds([...words, '--api-key', 'wrong-key'], { cwd })
      expect(wrong).toMatchObject({ code: 1, stderr: expect.stringMatching(/answered 401.*check the API key/) })
      expect((await runEds(words, { cwd })).stderr).toContain('there is no API key to ask HQ for an export')
      sim.failNext('startExport', 500)
      expect((await run()).stderr).toMatch(/error: POST .*\/v3\/export\/bulk answered 500/)
    })
  })

  it('gives rows to stages: only valid ones, at their place', async () => {
    const sim = await startHqSim()
    onTestFinished(() => sim.close())
    await sim.setExport({ rows: { label: [{ id: 'a', name: 'x' }, { id: 'b' }] }, pendingPolls: 0 })
    const cwd = temporaryFolder()
    const rules = temporaryFolder()
    writeRules(rules)
    const words = ['import', '--api-url', sim.url, '--api-key', sim.apiKey, '--url', `file://${cwd}/out`]
    const { code } = await runEds([...words, '--schema-validator', rules], { cwd })
    expect(code).toBe(0)
    const files = readdirSync(join(cwd, 'out/label'))
    expect(files).toHaveLength(1)
    expect(JSON.parse(readFileSync(join(cwd, 'out/label', files[0] ?? ''), 'utf8')).after).toMatchObject({ id: 'a' })
  })
})

function writeRules(folder: string): void {
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ label: { schema: 'label.json' } }))
  const schema = { properties: { after: { required: ['name'] } } }
  writeFileSync(join(folder, 'label.json'), JSON.stringify(schema))
}

/** Lets what is left of the faults happen. */
async function drainFaults(sim: HqSim): Promise<void> {
  const url = `${sim.url}/export-files/none`
  for (let status = 404; status === 404; ) status = (await fetch(url)).status
}
