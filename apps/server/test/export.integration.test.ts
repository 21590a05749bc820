import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { startHqSim } from '@eds/tool-hq-sim'
import { requireExecutable } from '@eds/tool-services/vitest'
import { expect, it, onTestFinished } from 'vitest'
import { runEds, temporaryFolder } from './eds.js'

const nats = await requireExecutable('nats')

async function world() {
  const sim = await startHqSim()
  onTestFinished(() => sim.close())
  await sim.setExport({ rows: { label: [{ id: 'a' }, { id: 'b' }], user: [{ id: 'u' }] } })
  const cwd = temporaryFolder()
  const run = (...more: string[]) => runEds(['export', '--api-url', sim.url, '--api-key', sim.apiKey, ...more], { cwd })
  return { sim, cwd, run }
}

const rowsIn = (path: string) => gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n')

nats.describe('eds export', () => {
  it('downloads the rows of all tables, under the name that HQ gives', async () => {
    const { sim, cwd, run } = await world()
    const { code, stdout, stderr } = await run()
    expect(stdout).toBe(`exported to ${join(cwd, 'export-1.json.gz')}\n`)
    expect(code).toBe(0)
    expect(rowsIn(join(cwd, 'export-1.json.gz'))).toEqual(['{"id":"a"}', '{"id":"b"}', '{"id":"u"}'])
    expect(readdirSync(cwd)).toEqual(['export-1.json.gz'])
    for (const secret of sim.secrets()) expect(stdout + stderr).not.toContain(secret)
  })

  it('takes tables and a file, and repeats what breaks off', async () => {
    const { sim, cwd, run } = await world()
    sim.failNext('exportFile', 'cut')
    sim.failNext('exportFile', 403)
    const { code, stderr } = await run('--tables', 'label', '-o', 'labels.gz')
    expect(stderr).toMatch(/the download failed, trying again: .*\n.*the download failed, trying again: .*403/)
    expect(code).toBe(0)
    expect(rowsIn(join(cwd, 'labels.gz'))).toHaveLength(2)
  })

  it('shows on a terminal how much has come', async () => {
    const { sim, cwd } = await world()
    const words = ['export', '--api-url', sim.url, '--api-key', sim.apiKey]
    const { code, stderr } = await runEds(words, { cwd, isTTY: true })
    expect(code).toBe(0)
    expect(stderr).toMatch(/\d% \| [\d.]+ MB/)
  })

  it('says what is wrong, and leaves nothing behind', async () => {
    const { sim, cwd, run } = await world()
    expect(await runEds(['export'], { cwd })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('there is no API key'),
    })
    sim.failNext('exportFile', 'cut', 5)
    expect(await run()).toMatchObject({ code: 1, stderr: expect.stringMatching(/error: GET .*\?\*\*\* failed/) })
    expect(readdirSync(cwd)).toEqual([])
  }, 20_000)
})
