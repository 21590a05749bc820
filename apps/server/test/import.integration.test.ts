import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { compareState, describeDifferences, ExpectedState, writeExport } from '@eds/shop'
import { requireService } from '@eds/tool-services/vitest'
import { describe, expect, it } from 'vitest'
import { runEds, startEds, temporaryFolder } from './eds.js'
import { events, eventText, figure, schemaFile, testDatabase, testStream } from './world.js'

const nats = await requireService('nats')
const postgres = await requireService('postgres')
const exportedAt = 1_719_999_999_000

async function shopExport(tables?: string[]) {
  const folder = temporaryFolder()
  const expected = new ExpectedState()
  const { rows } = await writeExport({
    dir: folder,
    seed: 3,
    rows: 400,
    rowsPerFile: 60,
    expected,
    ...(tables && { tables }),
  })
  const total = [...rows.values()].reduce((sum, count) => sum + count, 0)
  return { folder, expected, rows, total }
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

postgres.describe('eds import into PostgreSQL', () => {
  const state = (expected: ExpectedState, database: Awaited<ReturnType<typeof testDatabase>>) =>
    compareState(expected, database.readTable).then(describeDifferences)

  it('loads every row, and replaces what was there', async () => {
    const { folder, expected, total } = await shopExport()
    const database = await testDatabase(postgres.url)
    const words = ['import', '--dir', folder, '--url', database.url, '--schema', schemaFile(), '--no-confirm']
    const first = await runEds(words, { cwd: temporaryFolder() })
    expect(first.stdout).toMatch(new RegExp(`^${total} rows of \\d+ tables imported into postgres://`))
    expect(first.stderr).toMatch(/\norder: \d+ rows, [\d,]+ rows\/s\n/)
    expect(first.code).toBe(0)
    expect(await state(expected, database)).toBe('')
    await database.query(`INSERT INTO label (id) VALUES ('made by hand')`)
    expect((await runEds([...words, '--single'], { cwd: temporaryFolder() })).code).toBe(0)
    expect(await database.query(`SELECT id FROM label WHERE id = 'made by hand'`)).toHaveLength(1)
    expect((await runEds(words, { cwd: temporaryFolder() })).code).toBe(0)
    expect(await database.query(`SELECT id FROM label WHERE id = 'made by hand'`)).toEqual([])
    expect(await state(expected, database)).toBe('')
  })

  it('infers the types of columns when there are no schemas', async () => {
    const { folder, rows } = await shopExport(['label', 'user'])
    const database = await testDatabase(postgres.url)
    const words = ['import', '--dir', folder, '--url', database.url, '--no-delete']
    const { code, stderr } = await runEds(words, { cwd: temporaryFolder() })
    expect(stderr).toContain('no --schema: column types are inferred')
    expect(code).toBe(0)
    expect(await database.count('label')).toBe(rows.get('label'))
    expect(await database.count('user')).toBe(rows.get('user'))
  })

  it('asks before it replaces anything', async () => {
    const { folder } = await shopExport(['label'])
    const database = await testDatabase(postgres.url)
    const words = ['import', '--dir', folder, '--url', database.url, '--schema', schemaFile()]
    const cwd = temporaryFolder()
    const refused = await runEds(words, { cwd, stdin: 'yes\n', isTTY: true })
    expect(refused.stderr).toMatch(/This replaces what postgres:.* holds in 1 tables: label\.\nType import to go on: /)
    expect(refused).toMatchObject({ code: 1 })
    expect(await database.count('label')).toBe(0)
    expect(await runEds(words, { cwd })).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/repeat with --no-confirm/),
    })
    expect(await runEds(words, { cwd, stdin: 'import\n', isTTY: true })).toMatchObject({ code: 0 })
    expect(await database.count('label')).toBeGreaterThan(0)
  })

  it.each([
    ['--dry-run', /^dry run: nothing was written to postgres:/, 0],
    ['--validate-only', /^postgres:\S+ can be used\n$/, 0],
    ['--schema-only', /^1 tables are ready in postgres:/, 1],
  ])('with %s loads nothing', async (flag, output, tables) => {
    const { folder } = await shopExport(['label'])
    const database = await testDatabase(postgres.url)
    const words = ['import', '--dir', folder, '--url', database.url, '--schema', schemaFile(), flag]
    const { code, stdout } = await runEds(words, { cwd: temporaryFolder() })
    expect(stdout).toMatch(output)
    expect(code).toBe(0)
    expect(await database.query(`SELECT 1 FROM pg_tables WHERE tablename = 'label'`)).toHaveLength(tables)
    expect(await database.count('label')).toBe(0)
  })

  it.each([
    ['a value that does not fit', '{"id":"x","ordinal":{"no":"number"}}', '"ordinal", row "x": it is not a number'],
    ['no JSON', '{"id":"x","ordinal":1', 'the message is not JSON'],
    ['a document that only the server reads', '{"id":"x","style":{"a":}}', 'the message is not JSON'],
    ['a key that is a list', '{"id":["x"],"ordinal":1}', 'the row has no primary key "id"'],
    ['a row without its key', '{"ordinal":1}', 'the row has no primary key "id"'],
    ['a character that the database cannot store', '{"id":"x","name":"\\u0000"}', 'cannot store a NUL'],
  ])('names file and line of the row at fault, and loads the other tables: %s', async (_, broken, reason) => {
    const { folder, rows } = await shopExport(['label', 'user'])
    const bad = edit(folder, 'label', (lines) => lines.map((line, at) => (at === 6 ? broken : line)))
    const database = await testDatabase(postgres.url)
    const words = ['import', '--dir', folder, '--url', database.url, '--schema', schemaFile(), '--no-confirm']
    const { code, stderr } = await runEds(words, { cwd: temporaryFolder() })
    expect(stderr).toContain(`${bad}, line 7: `)
    expect(stderr).toContain(reason)
    expect(stderr).toMatch(/error: not imported: label; \d+ rows of 1 tables imported into postgres:.*\n$/)
    expect(code).toBe(1)
    expect(await database.count('label')).toBe(0)
    expect(await database.count('user')).toBe(rows.get('user'))
  })

  it('ends with exit code 3 and the reason in the last line when the destination cannot be used', async () => {
    const { folder } = await shopExport(['label'])
    const url = new URL(postgres.url)
    url.password = 'not-the-okapi'
    const { code, stdout, stderr } = await runEds(['import', '--dir', folder, '--url', url.href], {
      cwd: temporaryFolder(),
    })
    expect(code).toBe(3)
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^error: the destination cannot be used: .*password authentication failed/,
    )
    expect(stdout + stderr).not.toContain('not-the-okapi')
  })
})

nats.describe('a server after an import', () => {
  it('begins where the export was taken, and skips what the import brought', async () => {
    const { folder, total } = await shopExport()
    const cwd = temporaryFolder()
    const url = ['--url', `out=file://${cwd}/out`]
    const loaded = await runEds(['import', '--dir', folder, ...url, '--schema', schemaFile()], { cwd })
    expect(loaded.stdout).toMatch(new RegExp(`^${total} rows of \\d+ tables imported into file:`))
    const stream = await testStream(nats.url)
    await stream.publishRaw(
      'order.INSERT.c.l.PUBLIC.1',
      eventText({ table: 'order', row: { id: 'old' }, timestamp: exportedAt - 1 }),
    )
    await stream.publish(events(20))
    const words = ['server', '--server', nats.url, '--stream', stream.name, '--schema', schemaFile(), '--port', '0']
    const call = startEds([...words, '--host', '127.0.0.1', ...url], { cwd })
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(20)
    expect(call.stderr()).not.toContain('is new here')
    call.stop()
    expect(await call.done).toBe(0)
    expect(readdirSync(join(cwd, 'out/order')).filter((name) => name.includes('old'))).toEqual([])
  })
})

describe('eds import into files', () => {
  it('writes rows as events, never asks, and leaves out what is not wanted', async () => {
    const { folder, rows } = await shopExport(['label', 'user'])
    const cwd = temporaryFolder()
    const words = ['import', '--dir', folder, '--url', `file://${cwd}/out`, '--schema', schemaFile()]
    const { code } = await runEds([...words, '--only', 'label'], { cwd })
    expect(code).toBe(0)
    expect(readdirSync(join(cwd, 'out'))).toEqual(['label'])
    const files = readdirSync(join(cwd, 'out/label'))
    expect(files).toHaveLength(rows.get('label') ?? 0)
    const event = JSON.parse(readFileSync(join(cwd, 'out/label', files[0] ?? ''), 'utf8'))
    expect(event).toMatchObject({ operation: 'INSERT', table: 'label', imported: true, timestamp: exportedAt })
  })

  it('says which tables have no schema', async () => {
    const { folder } = await shopExport(['label', 'user'])
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'schemas.json'), '{}')
    const words = ['import', '--dir', folder, '--url', `file://${cwd}/out`, '--schema', 'schemas.json']
    expect(await runEds(words, { cwd })).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /error: no schema for label, user: add it to --schema, or choose the tables with --only\n$/,
      ),
    })
  })
})
