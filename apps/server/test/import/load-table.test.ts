import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BulkLoadRequest, type Clock, type Driver, EdsError, written } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { planImport } from '../../src/import/import-plan.js'
import { loadTable } from '../../src/import/load-table.js'
import { temporaryFolder } from '../eds.js'

const name = '202407011200000000000000000000000-ab-1-2-order-f1.ndjson'
const schema = {
  table: 'order',
  modelVersion: 'f1',
  primaryKeys: ['id'],
  required: [],
  properties: { id: { type: 'string' } },
} as const

/** A destination whose bulk loads end as told, one after the other; then they succeed. */
function destination(outcomes: EdsError[]) {
  const log: string[] = []
  const driver: Driver = {
    connect: async () => void log.push('connect'),
    write: async () => written,
    close: async () => {},
    importer: {
      load: async ({ rows }: BulkLoadRequest) => {
        let count = 0
        for await (const chunk of rows) count += chunk.length
        log.push(`load ${count}`)
        const outcome = outcomes.shift()
        if (outcome) throw outcome
        return { rows: count }
      },
    },
  }
  return { driver, log }
}

async function load(outcomes: EdsError[], companyIds: string[] = []) {
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, name),
    '{"id":"1","companyId":"a"}\n{"id":"2","companyId":"b"}\n{"id":"3","companyId":"a"}\n',
  )
  const [table] = (await planImport(folder, [])).tables
  if (!table) throw new Error('no table')
  const { driver, log } = destination(outcomes)
  const waits: number[] = []
  const clock: Clock = {
    now: () => 0,
    sleep: async (ms) => void waits.push(ms),
  }
  const reading = { filter: { companyIds, locationIds: [] }, signal: new AbortController().signal, onBytes: () => {} }
  const result = loadTable(
    { driver, isConnected: false },
    { table, schema, mode: 'replace', reading, onRows: () => {} },
    { clock, onRetry: () => log.push('retry') },
  )
  return { result, log, waits }
}

describe('loadTable', () => {
  it('loads all rows', async () => {
    const { result, log } = await load([])
    expect(await result).toBe(3)
    expect(log).toEqual(['connect', 'load 3'])
  })

  it('begins anew while the destination cannot be reached, waiting longer and longer', async () => {
    const away = () => new EdsError('connection', 'away')
    const { result, log, waits } = await load([away(), away(), new EdsError('throttled', 'slow', { retryAfterMs: 7 })])
    expect(await result).toBe(3)
    expect(log).toEqual([
      'connect',
      'load 3',
      'retry',
      'connect',
      'load 3',
      'retry',
      'connect',
      'load 3',
      'retry',
      'connect',
      'load 3',
    ])
    expect(waits).toEqual([500, 1_000, 7])
  })

  it('gives up after a few failures of an unknown kind', async () => {
    const { result, waits } = await load(Array.from({ length: 9 }, () => new EdsError('unknown', 'odd')))
    await expect(result).rejects.toThrow('odd')
    expect(waits).toHaveLength(4)
  })

  it('names the line of the row at fault, counting only the rows that were handed over', async () => {
    const { result } = await load([new EdsError('record', 'does not fit', { index: 1 })], ['a'])
    await expect(result).rejects.toThrow('00000000.0000000000000003: does not fit')
  })

  it.each(['configuration', 'authentication', 'unsupported', 'schema'] as const)(
    'does not repeat after %s',
    async (code) => {
      const { result, log } = await load([new EdsError(code, 'no')])
      await expect(result).rejects.toMatchObject({ code })
      expect(log).toEqual(['connect', 'load 3'])
    },
  )
})
