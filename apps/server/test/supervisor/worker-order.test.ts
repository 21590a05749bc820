import { describe, expect, it } from 'vitest'
import type { HqSettings } from '../../src/settings/hq.js'
import type { ServerSettings } from '../../src/settings/server.js'
import { ImportErrors, importWords } from '../../src/supervisor/import-process.js'
import { defaultNatsServer } from '../../src/supervisor/nats-servers.js'
import { workerOrder } from '../../src/supervisor/worker-order.js'

const settings: ServerSettings = {
  dataDirectory: '/data',
  log: {
    level: 'silent',
    fileLevel: 'info',
    file: '/data/logs/eds.log',
    format: 'human',
    timestamps: true,
    colors: true,
    keepFiles: false,
  },
  urls: [],
  schema: { kind: 'inferred' },
  drivers: ['mine'],
  keepLogs: false,
  source: { servers: ['nats://given'], stream: 'dbchange', companyIds: ['c1'], consumerSuffix: 'blue' },
  restart: true,
  onError: 'halt',
  lingerMs: 2_000,
  http: { host: '127.0.0.1', port: 8080 },
  remarks: [],
}
const hq: HqSettings = { apiKey: 'key', serverId: 's', renewIntervalMs: 1, restartsWorker: true }
const facts = { settings, hq, apiUrl: 'https://hq', natsServers: ['nats://hq'], token: 'token' }
const urls = [{ url: 'file:///a' }]

describe('workerOrder', () => {
  it('adds what HQ brings to what the command line says', () => {
    const { settings: ordered, ...rest } = workerOrder(facts, urls, { credentialsFile: '/c' }, true)
    expect(rest).toEqual({ token: 'token', secrets: ['key', 'token'] })
    expect(ordered).toEqual({
      ...settings,
      urls,
      schema: { kind: 'http', baseUrl: 'https://hq' },
      source: { ...settings.source, servers: ['nats://hq'], credentialsFile: '/c' },
      log: { level: 'info', format: 'json', timestamps: true, colors: true, keepFiles: false },
    })
  })

  it('begins at the beginning once only, and has a name where there are no credentials', () => {
    const { settings: ordered } = workerOrder(facts, urls, {}, false)
    expect(ordered.restart).toBe(false)
    expect(ordered.source).toMatchObject({ serverId: 'dev' })
  })
})

describe('defaultNatsServer', () => {
  it.each([
    ['https://api.shopmonkey.cloud', 'nats://connect.nats.shopmonkey.pub'],
    ['http://localhost:3101', 'nats://localhost:4222'],
    ['http://127.0.0.1:3101', 'nats://localhost:4222'],
    ['https://localhost.example.com', 'nats://connect.nats.shopmonkey.pub'],
  ])('%s: %s', (apiUrl, server) => {
    expect(defaultNatsServer(apiUrl)).toBe(server)
  })
})

describe('importWords', () => {
  const order = { dataDirectory: '/data', url: 'file:///secret', apiKey: 'key', companyIds: [], backfill: true }
  const always = ['import', '--no-confirm', '--data-dir', '/data', '--log-format', 'json']
  it.each([
    [order, always],
    [{ ...order, backfill: false }, [...always, '--schema-only']],
    [{ ...order, apiUrl: 'https://hq' }, [...always, '--api-url', 'https://hq']],
    [{ ...order, companyIds: ['a', 'b'] }, [...always, '--companyIds', 'a,b']],
  ])('%j', (given, words) => {
    expect(importWords(given)).toEqual(words)
  })
})

describe('ImportErrors', () => {
  it.each<[string[], string | undefined]>([
    [[], undefined],
    [['orders 1,000 rows', '{"level":"info","msg":"fine"}', '{not JSON'], undefined],
    [['error: not imported: note'], 'not imported: note'],
    [
      ['{"level":"error","msg":"note: out of paper"}', 'error: not imported: note'],
      'note: out of paper; not imported: note',
    ],
    [['a', 'b', 'c', 'd'].map((msg) => JSON.stringify({ level: 'error', msg })), 'a; b; c'],
  ])('%j', (lines, summary) => {
    const errors = new ImportErrors()
    for (const line of lines) errors.hear(line)
    expect(errors.summary()).toBe(summary)
  })
})
