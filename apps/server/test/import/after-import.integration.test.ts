import { startHqSim } from '@eds/tool-hq-sim'
import { requireExecutable, requireService } from '@eds/tool-services/vitest'
import { expect, it, onTestFinished } from 'vitest'
import { runEds, startEds, temporaryFolder } from '../eds.js'
import { noteSchemas } from '../hq/note-table.js'
import { eventText, figure, type RowChange, testDatabase, testStream } from '../world.js'

const natsProgram = await requireExecutable('nats')
const nats = await requireService('nats')
const postgres = await requireService('postgres')

async function world() {
  const sim = await startHqSim({ schemas: noteSchemas })
  onTestFinished(() => sim.close())
  const cwd = temporaryFolder()
  const database = await testDatabase(postgres.url)
  const stream = await testStream(nats.url)
  const publish = (change: Omit<RowChange, 'table'>) => {
    const text = eventText(change).replace('"v1"', '"fff000001"')
    return stream.publishRaw(`note.${change.operation ?? 'INSERT'}.c.l.PUBLIC.1`, text)
  }
  const importAgain = (...more: string[]) =>
    runEds(['import', '--api-url', sim.url, '--api-key', sim.apiKey, '--url', database.url, '--no-confirm', ...more], {
      cwd,
    })
  const serve = () => {
    const from = ['--server', nats.url, '--stream', stream.name, '--schema', sim.url, '--url', database.url]
    return startEds(['server', ...from, '--port', '0', '--host', '127.0.0.1'], { cwd })
  }
  const titles = async () => {
    const rows = await database.query('SELECT id, title FROM note ORDER BY id')
    return Object.fromEntries(rows.map(({ id, title }) => [id, title]))
  }
  return { sim, cwd, publish, importAgain, serve, titles }
}

natsProgram.describe('a server after an import from HQ', () => {
  nats.describe('and NATS', () => {
    postgres.describe('into PostgreSQL', () => {
      it('applies each change once, whether made before, during or after the export', async () => {
        const { sim, cwd, publish, importAgain, serve, titles } = await world()
        const time = Date.now()
        await publish({ row: { id: 'a', title: 'first' }, timestamp: time - 2_000 })
        const rows = [
          { id: 'a', title: 'second' },
          { id: 'b', title: 'to go' },
        ]
        await sim.setExport({ rows: { note: rows }, time, pendingPolls: 0 })
        await publish({ operation: 'UPDATE', row: { id: 'a', title: 'second' }, timestamp: time - 1 })
        await publish({ operation: 'UPDATE', row: { id: 'a', title: 'third' }, timestamp: time + 1 })
        await publish({ operation: 'DELETE', row: { id: 'b' }, timestamp: time + 2 })
        expect(await importAgain('--no-cleanup')).toMatchObject({ code: 0 })
        expect(await titles()).toEqual({ a: 'second', b: 'to go' })
        await publish({ row: { id: 'c', title: 'new' } })

        const expected = { a: 'third', c: 'new' }
        const server = serve()
        await server.prints(/changes older than the import of their table are skipped; the last import is of /)
        await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(3)
        expect(await titles()).toEqual(expected)
        const { stdout } = await runEds(['status'], { cwd })
        expect(stdout).toMatch(/ TOTAL +SKIPPED +DEAD LETTERS +RETRIES\n\S+ +running for .* 3 +2 +0 +0\n/)
        server.stop()
        expect(await server.done).toBe(0)

        // An export that is older than what the server has delivered since sets it back.
        expect(await importAgain('--job-id', sim.exportJobs[0]?.id ?? '')).toMatchObject({ code: 0 })
        expect(await titles()).toEqual({ a: 'second', b: 'to go' })
        serve()
        await expect.poll(titles).toEqual(expected)
      })
    })
  })
})
