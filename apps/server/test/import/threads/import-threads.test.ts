import { expect, it, onTestFinished } from 'vitest'
import type { TableImport } from '../../../src/import/import-plan.js'
import { ImportThreads } from '../../../src/import/threads/import-threads.js'

const schema = { table: 'any', modelVersion: 'v', primaryKeys: ['id'], required: [], properties: {} }
const tableNamed = (table: string): TableImport => ({ table, files: [], exportedAt: undefined })

/** Threads that do what is told by the names of tables. `threadId` counts on from test to test: its place tells them apart. */
function threadsOf(count: number) {
  const told: unknown[] = []
  const entry = `
    import { parentPort as port, threadId, workerData } from 'node:worker_threads'
    const held = []
    port.on('message', (task) => {
      const report = (message) => port.postMessage({ id: task.id, ...message })
      if (task.kind === 'close') report({ kind: 'closed' })
      if (task.kind === 'abort') for (const id of held) report({ kind: 'failed', id, error: { code: 'connection', message: 'aborted' } })
      if (task.kind !== 'load') return
      const { table } = task.table
      if (table === 'dies') throw new Error('out of luck')
      if (table === 'leaves') process.exit(7)
      if (table === 'fails') return report({ kind: 'failed', error: { code: 'record', message: 'line 7', fix: 'mend it', table } })
      if (table.startsWith('waits')) {
        held.push(task.id)
        return report({ kind: 'progress', table, rows: threadId, bytes: 0 })
      }
      report({ kind: 'log', level: 'warn', fields: { table }, message: workerData.url.url })
      report({ kind: 'progress', table, rows: 2, bytes: 9 })
      report({ kind: 'loaded', rows: 2 })
    })`
  const abort = new AbortController()
  const logger = { debug() {}, info() {}, warn: (...words: unknown[]) => void told.push(words), error() {} }
  const threads = new ImportThreads({
    order: {
      url: { url: 'file:///out' },
      workingDirectory: '/',
      drivers: [],
      mode: 'replace',
      filter: { companyIds: [], locationIds: [] },
    },
    count,
    signal: abort.signal,
    logger,
    onRows: (...words) => void told.push(words),
    onBytes: (...words) => void told.push(words),
    entry: new URL(`data:text/javascript,${encodeURIComponent(entry)}`),
  })
  onTestFinished(() => threads.close())
  const load = (table: string) => threads.load(tableNamed(table), schema)
  return { threads, load, abort, told }
}

it('loads a table, with its progress and what is to be logged', async () => {
  const { load, told } = threadsOf(1)
  expect(await load('order')).toBe(2)
  expect(told).toEqual([
    [{ table: 'order' }, 'file:///out'],
    [2, 'order'],
    [9, 'order'],
  ])
})

it('hands on the error of a table as it is, and goes on', async () => {
  const { load } = threadsOf(1)
  await expect(load('fails')).rejects.toMatchObject({
    name: 'EdsError',
    code: 'record',
    message: 'line 7',
    fix: 'mend it',
  })
  expect(await load('order')).toBe(2)
})

it.each([
  ['dies', 'the thread that was loading "dies" has ended: out of luck'],
  ['leaves', 'the thread that was loading "leaves" has ended'],
])('names the tables of a thread that %s, and starts another for the next one', async (table, message) => {
  const { load } = threadsOf(1)
  const other = load('waits')
  other.catch(() => {})
  await expect(load(table)).rejects.toMatchObject({ name: 'EdsError', table, message })
  await expect(other).rejects.toThrow('"waits"')
  expect(await load('order')).toBe(2)
})

it('uses as many threads as it may, evenly, and ends all loads by the signal', async () => {
  const { threads, load, abort, told } = threadsOf(2)
  const loads = ['waits 1', 'waits 2', 'waits 3', 'waits 4'].map(load)
  const ends = Promise.allSettled(loads)
  await expect.poll(() => told.length, { timeout: 20_000 }).toBe(4)
  const threadOf = new Map(told.map((words) => [String((words as string[])[1]), (words as number[])[0]]))
  expect(threadOf.get('waits 1')).not.toBe(threadOf.get('waits 2'))
  expect(threadOf.get('waits 1')).toBe(threadOf.get('waits 3'))
  expect(threadOf.get('waits 2')).toBe(threadOf.get('waits 4'))
  abort.abort()
  for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: { message: 'aborted' } })
  await threads.close()
})
