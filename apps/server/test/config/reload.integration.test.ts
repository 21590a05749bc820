import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireService } from '@eds/tool-services/vitest'
import { beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { temporaryFolder } from '../eds.js'
import { buildProgram, spawnEds } from '../hq/eds-process.js'
import { eventText, figure, testStream } from '../world.js'

const nats = await requireService('nats')

beforeAll(buildProgram)

/** Numbers of the notes that a file sink holds, in order. */
function notes(folder: string, table = 'note'): number[] {
  const directory = join(folder, table)
  const files = existsSync(directory) ? readdirSync(directory).sort() : []
  const text = files.map((name) => readFileSync(join(directory, name), 'utf8')).join('')
  return text.split('\n').flatMap((line) => (line === '' ? [] : [Number(JSON.parse(line).after.number)]))
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

async function world() {
  const stream = await testStream(nats.url)
  const cwd = temporaryFolder()
  let published = 0
  const sinkOf = (name: string, more: object = {}) => ({
    name,
    url: `file://${cwd}/${name}?format=ndjson`,
    start: 'beginning',
    ...more,
  })
  return {
    cwd,
    sinkOf,
    publish: async (count: number) => {
      for (const end = published + count; published < end; published++) {
        const row = { id: `n${published}`, number: published }
        await stream.publishRaw('note.INSERT', eventText({ row }))
      }
    },
    configure: (sinks: readonly object[], more: object = {}) => {
      const source = { type: 'nats', servers: nats.url, stream: stream.name }
      const text = stringify({ source, port: 0, host: '127.0.0.1', sinks, ...more })
      // At once, as editors do: a half-written file would be a wrong one.
      writeFileSync(join(cwd, 'next.yaml'), text)
      renameSync(join(cwd, 'next.yaml'), join(cwd, 'eds.config.yaml'))
    },
  }
}

nats.describe('SIGHUP', () => {
  it('adds, changes and removes sinks while events come in, and loses none', async () => {
    const { cwd, sinkOf, publish, configure } = await world()
    configure([sinkOf('first')])
    const { child, prints, ended, output } = spawnEds(['server'], cwd)
    await prints(/delivering from/)
    await publish(200)

    configure([
      sinkOf('first', { linger: '5ms' }),
      sinkOf('second', { transforms: [{ table: 'note', rename: 'memo' }] }),
    ])
    const meanwhile = publish(300)
    child.kill('SIGHUP')
    await prints(/second: File/)
    await meanwhile
    await expect.poll(() => notes(join(cwd, 'second'), 'memo').length).toBe(500)

    configure([sinkOf('second', { transforms: [{ table: 'note', rename: 'memo' }] })])
    child.kill('SIGHUP')
    await prints(/first is not configured any more/)
    await publish(100)
    await expect.poll(() => notes(join(cwd, 'second'), 'memo').length).toBe(600)
    expect(notes(join(cwd, 'first'))).toEqual(upTo(500))

    configure([sinkOf('first'), sinkOf('second', { transforms: [{ table: 'note', rename: 'memo' }] })])
    child.kill('SIGHUP')
    await expect.poll(() => notes(join(cwd, 'first')).length).toBe(600)
    child.kill('SIGTERM')
    expect(await ended).toEqual({ code: 0, signal: null })
    expect(notes(join(cwd, 'first'))).toEqual(upTo(600))
    expect(notes(join(cwd, 'second'), 'memo')).toEqual(upTo(600))
    expect(output().match(/the configuration was read anew/g)).toHaveLength(3)
  })

  it('changes nothing when the new configuration is wrong, or cannot be started with', async () => {
    const { cwd, sinkOf, publish, configure } = await world()
    configure([sinkOf('first')])
    const { child, prints, ended } = spawnEds(['server'], cwd)
    await prints(/delivering from/)
    await publish(10)
    await expect.poll(() => notes(join(cwd, 'first'))).toEqual(upTo(10))

    configure([sinkOf('first', { linger: 'long' }), { name: 'second', url: 'nothing://x' }])
    child.kill('SIGHUP')
    await prints(/the configuration was not changed: .*sinks\[0\]\.linger/)
    await publish(10)
    await expect.poll(() => notes(join(cwd, 'first'))).toEqual(upTo(20))

    configure([sinkOf('first', { transforms: [{ table: 'note', columns: { exclude: ['id'] } }] })])
    child.kill('SIGHUP')
    await prints(/cannot start with the new configuration, going on with the one before: .*"id" is a key/)
    await publish(10)
    await expect.poll(() => notes(join(cwd, 'first'))).toEqual(upTo(30))
    await expect.poll(() => figure(cwd, 'eds_sink_events_total{sink="first"}')).toBe(10)

    const columns = { id: { type: 'string' }, number: { type: 'integer' } }
    const note = { table: 'note', modelVersion: '*', primaryKeys: ['id'], properties: columns }
    writeFileSync(join(cwd, 'schemas.json'), JSON.stringify({ note }))
    const misspelt = { schema: 'schemas.json', transforms: [{ table: 'note', columns: { mask: ['nubmer'] } }] }
    configure([sinkOf('first')], misspelt)
    child.kill('SIGHUP')
    await prints(/going on with the one before: .*"note" has no column "nubmer" \(did you mean "number"\?\)/)
    await publish(10)
    await expect.poll(() => notes(join(cwd, 'first'))).toEqual(upTo(40))
    child.kill('SIGTERM')
    expect(await ended).toEqual({ code: 0, signal: null })
  })
})
