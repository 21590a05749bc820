import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { compareState, describeDifferences, ExpectedState, writeExport } from '@eds/shop'
import { requireService } from '@eds/tool-services/vitest'
import { beforeAll, expect, it } from 'vitest'
import { temporaryFolder } from '../../eds.js'
import { buildProgram, spawnEds } from '../../hq/eds-process.js'
import { schemaFile, testDatabase } from '../../world.js'

const postgres = await requireService('postgres')

beforeAll(buildProgram, 120_000)

async function world() {
  const folder = temporaryFolder()
  const expected = new ExpectedState()
  const { rows } = await writeExport({ dir: folder, seed: 9, rows: 900, rowsPerFile: 70, expected })
  const database = await testDatabase(postgres.url)
  const start = (...more: string[]) => {
    const words = ['import', '--dir', folder, '--url', database.url, '--schema', schemaFile(), '--no-confirm']
    return spawnEds([...words, ...more], temporaryFolder())
  }
  const run = async (...more: string[]) => {
    const { ended, output } = start(...more)
    const { code } = await ended
    return { code, output: output() }
  }
  return { folder, expected, rows, database, start, run }
}

/** Changes the first file of a table. */
function edit(folder: string, table: string, change: (lines: string[]) => string[]): string {
  const name = readdirSync(folder).find((entry) => entry.includes(`-${table}-`)) ?? ''
  const lines = gunzipSync(readFileSync(join(folder, name)))
    .toString('utf8')
    .trimEnd()
    .split('\n')
  writeFileSync(join(folder, name), gzipSync(`${change(lines).join('\n')}\n`))
  return name
}

postgres.describe('eds import by threads', () => {
  it('loads every row, as one thread does', { timeout: 60_000 }, async () => {
    const { expected, rows, database, run } = await world()
    const { code, output } = await run('--verbose')
    expect(output).toMatch(/^\d+ rows of \d+ tables imported into postgres:/m)
    if (availableParallelism() > 1) expect(output).toMatch(/loading by 2 threads/)
    for (const [table, count] of rows) expect(output).toMatch(new RegExp(`^${table}: ${count} rows, `, 'm'))
    expect(code).toBe(0)
    expect(describeDifferences(await compareState(expected, database.readTable))).toBe('')
  })

  it('names file and line of what cannot be read or stored, and loads the other tables', {
    timeout: 60_000,
  }, async () => {
    const { folder, rows, database, run } = await world()
    const unfit = edit(folder, 'label', (lines) => lines.with(6, '{"id":"x","ordinal":{"no":"number"}}'))
    const broken = edit(folder, 'customer', (lines) => lines.with(2, '{"id":'))
    const { code, output } = await run()
    expect(output).toContain(`${unfit}, line 7: `)
    expect(output).toContain(`${broken}, line 3: `)
    expect(output).toContain('not imported: ')
    expect(code).toBe(1)
    expect(await database.count('order')).toBe(rows.get('order'))
    expect(await database.count('label')).toBe(0)
  })

  it('breaks off when it is asked to stop, and leaves tables whole or absent', { timeout: 60_000 }, async () => {
    const { rows, database, start, run } = await world()
    expect((await run()).code).toBe(0)
    await database.query('BEGIN')
    await database.query('LOCK TABLE "order" IN ACCESS EXCLUSIVE MODE')
    const { child, ended, output, prints } = start()
    await prints(/^vehicle: \d+ rows/m)
    child.kill('SIGTERM')
    expect({ ...(await ended), output: output() }).toMatchObject({ code: 1 })
    expect(output()).toContain('stopped: ')
    await database.query('ROLLBACK')
    expect(await database.count('order')).toBe(rows.get('order'))
  })
})
