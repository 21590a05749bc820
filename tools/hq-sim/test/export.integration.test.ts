import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { writeExport } from '@eds/shop'
import { expect, test } from 'vitest'
import type { HqSim } from '../src/index.js'
import { exportOfShop } from '../src/shop-export.js'
import { call, makeSim, nats } from './hq-sim.js'

const published = /^(\d{33})-\w+-[\w-]+-([a-z0-9_]+)-(\w+)\.ndjson\.gz/

async function runJob(sim: HqSim, body: object) {
  const { json } = await call(sim, 'POST', '/v3/export/bulk', body)
  const poll = async () => (await call(sim, 'GET', `/v3/export/bulk/${json.data.jobId}`)).json.data
  return { jobId: json.data.jobId, first: await poll(), second: await poll() }
}

async function lines(url: string): Promise<string[]> {
  const bytes = Buffer.from(await (await fetch(url)).arrayBuffer())
  return gunzipSync(bytes).toString().split('\n').filter(Boolean)
}

nats.describe('exports', () => {
  test('a job is pending, then has files named as exports are', async () => {
    const sim = await makeSim()
    await sim.setExport({
      rows: { order: [{ id: 'a' }, '{"id":"b"}', { id: 'c' }], user: [] },
      failed: { payment: 'no' },
    })
    const { jobId, first, second } = await runJob(sim, { companyIds: ['1'] })
    expect(first).toMatchObject({ completed: false, tables: { order: { status: 'Pending', urls: [] } } })
    expect(second.completed).toBe(true)
    expect(second.tables.payment).toEqual({ error: 'no', status: 'Failed', urls: [], cursor: '' })
    expect(second.tables.order).toMatchObject({ status: 'Completed', error: '', cursor: '1719999999000000000' })
    const rows = []
    for (const url of second.tables.order.urls) {
      expect(published.exec(new URL(url).pathname.split('/').at(-1) ?? '')?.[2]).toBe('order')
      rows.push(...(await lines(url)))
    }
    expect(second.tables.order.urls).toHaveLength(2)
    expect(rows.map((row) => JSON.parse(row).id)).toEqual(['a', 'b', 'c'])
    expect(await lines(second.tables.user.urls[0])).toEqual([])
    expect(sim.exportJobs).toEqual([{ id: jobId, body: { companyIds: ['1'] }, polls: 2 }])
  })

  test('files of a folder are served as they are, of the tables asked for', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hq-sim-export-'))
    try {
      const { rows } = await writeExport({ dir, rows: 300, seed: 1, rowsPerFile: 10, tables: ['order', 'user'] })
      const sim = await makeSim()
      await sim.setExport({ directory: dir })
      const { second } = await runJob(sim, { tables: ['order'] })
      expect(Object.keys(second.tables)).toEqual(['order'])
      expect(second.tables.order.urls.length).toBeGreaterThan(2)
      const counts = await Promise.all(second.tables.order.urls.map(async (url: string) => (await lines(url)).length))
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(rows.get('order'))
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  test('a download breaks off halfway, and works the next time', async () => {
    const sim = await makeSim()
    await sim.setExport({ rows: { order: [{ id: 'a' }] }, pendingPolls: 0 })
    const { first } = await runJob(sim, {})
    const url = first.tables.order.urls[0]
    sim.failNext('exportFile', 'cut')
    await expect(fetch(url).then((response) => response.arrayBuffer())).rejects.toThrow()
    expect(await lines(url)).toEqual(['{"id":"a"}'])
    expect((await fetch(`${url}0`)).status).toBe(403)
  })

  test('every table of the shop can be downloaded, however long the name of its file', async () => {
    const sim = await makeSim()
    await exportOfShop(sim, '20')
    const { second } = await runJob(sim, {})
    const urls = Object.values(second.tables as Record<string, { urls: string[] }>).flatMap((table) => table.urls)
    expect(Math.max(...urls.map((url) => new URL(url).pathname.length))).toBeGreaterThan(115)
    const refused = []
    for (const url of urls) {
      const { status } = await fetch(url)
      if (status !== 200) refused.push(`${status} ${url}`)
    }
    expect(refused).toEqual([])
  })

  test('the older export is one file of all rows', async () => {
    const sim = await makeSim()
    await sim.setExport({ rows: { order: [{ id: 'a' }, { id: 'b' }], user: [{ id: 'u' }] } })
    const { fileName } = (await call(sim, 'POST', '/v3/export', { tables: ['order'] })).json.data
    const { url } = (await call(sim, 'POST', '/v3/export/presigned_url', { fileName })).json.data
    expect(await lines(url)).toEqual(['{"id":"a"}', '{"id":"b"}'])
    expect((await call(sim, 'POST', '/v3/export/presigned_url', { fileName: 'other' })).status).toBe(404)
    expect((await call(sim, 'GET', '/v3/export/bulk/none')).status).toBe(404)
  })
})
