import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { crashBatch, crashTables, eventsPerTable } from './fixtures/crash-batch.js'
import { never, Place } from './fixtures/driver.js'
import { filesIn } from './fixtures/folder.js'

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}

/** Lets a process write until it has reported `batches` batches, and kills it there. Gives the last one that it reported. */
async function killAfter(folder: string, format: string, batches: number): Promise<number> {
  const loader = ['--conditions=@eds/source', '--import', pathOf('../../../test-loader.mjs')]
  const writer = spawn(process.execPath, [...loader, pathOf('fixtures/batch-writer.ts'), folder, format], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(writer, 'exit')
  let last = 0
  for await (const line of createInterface({ input: writer.stdout })) {
    last = Number(line)
    if (last === batches) writer.kill('SIGKILL')
  }
  await exited
  return last
}

function numberOf(text: string): number {
  return Number((JSON.parse(text) as { id: string }).id)
}

it.each([3, 20])(
  'ndjson: killed behind batch %i, the file goes on with whole lines, none missing, none out of order',
  async (batches) => {
    const place = await Place.make()
    const reported = await killAfter(place.folder, 'ndjson', batches)
    await (await place.connected({ format: 'ndjson' })).write(crashBatch(reported + 1, 'ndjson'), never)
    const files = await filesIn(place.folder)
    const durable = reported * eventsPerTable('ndjson')
    for (const table of crashTables) {
      const numbers = files[`${table}/current.ndjson`]!.trimEnd().split('\n').map(numberOf)
      const restart = numbers.findIndex((number, index) => number !== index + 1)
      const again = restart === -1 ? [] : numbers.slice(restart)
      expect(numbers.length - again.length).toBeGreaterThanOrEqual(durable)
      const end = durable + eventsPerTable('ndjson')
      if (again.length > 0)
        expect(again).toEqual(Array.from({ length: end - durable }, (_, index) => durable + 1 + index))
      else expect(numbers).toHaveLength(end)
    }
  },
)

it('json: killed behind batch 20, every file is whole and none that was reported is missing', async () => {
  const place = await Place.make()
  const reported = await killAfter(place.folder, 'json', 20)
  const files = await filesIn(place.folder)
  for (const table of crashTables) {
    const paths = Object.keys(files).filter((path) => path.startsWith(`${table}/`) && path.endsWith('.json'))
    const numbers = paths.map((path) => numberOf(files[path]!)).sort((left, right) => left - right)
    const durable = reported * eventsPerTable('json')
    expect(numbers.slice(0, durable)).toEqual(Array.from({ length: durable }, (_, index) => index + 1))
  }
})
