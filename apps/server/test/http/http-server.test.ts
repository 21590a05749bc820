import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { type DeadLetterOutcome, EdsError } from '@eds/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { usageError } from '../../src/exit-codes.js'
import type { StatusReport } from '../../src/host/status-report.js'
import type { ControlActions, DeadLetterRequest } from '../../src/http/control-routes.js'
import { startHttpServer } from '../../src/http/http-server.js'
import { createMetrics } from '../../src/metrics/metrics.js'
import { Redactor } from '../../src/redactor.js'

const token = 'the-token'
const report: StatusReport = { status: 'ok', version: '1', pid: 1, uptimeMs: 1, sinks: [] }

const settled: DeadLetterOutcome = {
  applied: 1,
  failed: 2,
  skipped: 3,
  failures: [{ id: '1', reason: 'too long' }],
  skippedBehind: ['2'],
  unknown: [],
}

interface Started {
  readonly port: number
  readonly calls: unknown[][]
}

async function start(
  overrides: { host?: string; report?: StatusReport; control?: Partial<ControlActions> } = {},
): Promise<Started> {
  const calls: unknown[][] = []
  const control: ControlActions = {
    pause: async (sink) => void calls.push(['pause', sink]),
    unpause: (sink) => calls.push(['unpause', sink]),
    shutdown: () => calls.push(['shutdown']),
    restart: () => calls.push(['restart']),
    rotateLog: () => undefined,
    settleDeadLetters: async (wanted: DeadLetterRequest) => {
      calls.push(['settle', wanted])
      return settled
    },
    ...overrides.control,
  }
  const http = await startHttpServer({
    host: overrides.host ?? '127.0.0.1',
    port: 0,
    token,
    metrics: createMetrics(() => [], Date.now),
    report: () => overrides.report ?? report,
    control,
    redactor: new Redactor(),
  })
  onTestFinished(() => http.close())
  return { port: http.port, calls }
}

interface Asked {
  readonly method?: string
  readonly host?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

function ask(port: number, path: string, asked: Asked = {}): Promise<{ status: number; text: string }> {
  const { method = 'GET', host = '127.0.0.1', headers = {}, body } = asked
  const payload = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const options = {
      host,
      port,
      path,
      method,
      headers: { ...(payload && { 'content-type': 'application/json' }), ...headers },
    }
    const outgoing = request(options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    outgoing.on('error', reject)
    outgoing.end(payload)
  })
}

const authorized = { authorization: `Bearer ${token}` }

describe('health', () => {
  it.each([
    ['ok', 200],
    ['degraded', 200],
    ['shutting down', 503],
  ] as const)('says %s with %d', async (status, code) => {
    const { port } = await start({ report: { ...report, status } })
    for (const path of ['/', '/status/health']) {
      const answer = await ask(port, path)
      expect(answer.status).toBe(code)
      expect(JSON.parse(answer.text)).toEqual({ status, sinks: {} })
    }
  })

  it('answers metrics in the text format', async () => {
    const { port } = await start()
    const { status, text } = await ask(port, '/metrics')
    expect(status).toBe(200)
    expect(text).toContain('# TYPE eds_total_events counter')
  })
})

describe('control', () => {
  it('wants the token', async () => {
    const { port, calls } = await start()
    for (const headers of [{}, { authorization: 'Bearer wrong-token' }, { authorization: token }]) {
      expect((await ask(port, '/control/shutdown', { method: 'POST', headers })).status).toBe(401)
    }
    expect(calls).toEqual([])
  })

  it('does what it is asked', async () => {
    const { port, calls } = await start()
    const post = (path: string, body?: unknown) => ask(port, path, { method: 'POST', headers: authorized, body })
    await post('/control/pause')
    await post('/control/pause', { sink: 'orders' })
    await post('/control/unpause', {})
    await post('/control/restart')
    await post('/control/shutdown')
    const answer = await post('/control/dead-letters', { action: 'retry', sink: 'orders', ids: ['1'] })
    expect(JSON.parse(answer.text)).toEqual(settled)
    expect(calls).toEqual([
      ['pause', undefined],
      ['pause', 'orders'],
      ['unpause', undefined],
      ['restart'],
      ['shutdown'],
      ['settle', { action: 'retry', sink: 'orders', ids: ['1'] }],
    ])
  })

  it('says what is wrong with a request, without secrets', async () => {
    const { port } = await start({
      control: {
        pause: async () => {
          throw usageError('there is no sink "a"', 'there is b')
        },
        settleDeadLetters: async () => {
          throw new EdsError('connection', 'cannot reach postgres://eds:okapi@db/shop', { fix: 'wait' })
        },
      },
    })
    const post = (path: string, body?: unknown) => ask(port, path, { method: 'POST', headers: authorized, body })
    expect(await post('/control/pause')).toEqual({
      status: 400,
      text: '{"message":"there is no sink \\"a\\": there is b"}',
    })
    expect(await post('/control/dead-letters', { action: 'skip', all: true })).toEqual({
      status: 409,
      text: '{"message":"cannot reach postgres://eds:***@db/shop: wait"}',
    })
    expect((await post('/control/dead-letters', { action: 'eat' })).status).toBe(400)
    for (const vague of [{}, { ids: [] }, { ids: ['1'], all: true }]) {
      expect((await post('/control/dead-letters', { action: 'skip', ...vague })).status).toBe(400)
    }
    expect(await post('/control/logfile')).toEqual({ status: 404, text: expect.stringContaining('--log-file-sink') })
  })

  it('refuses a browser that was led here under another name', async () => {
    const { port, calls } = await start()
    const headers = { ...authorized, host: 'evil.example' }
    expect((await ask(port, '/control/shutdown', { method: 'POST', headers })).status).toBe(403)
    expect((await ask(port, '/status', { headers })).status).toBe(403)
    expect(calls).toEqual([])
  })
})

const elsewhere = Object.values(networkInterfaces())
  .flat()
  .find((entry) => entry && !entry.internal && entry.family === 'IPv4')?.address

describe.skipIf(elsewhere === undefined)('other machines (this one has an address besides loopback)', () => {
  const host = elsewhere ?? ''

  it('see health and metrics, and no more, even with the token', async () => {
    const { port, calls } = await start({ host: '0.0.0.0' })
    const headers = { ...authorized, host: 'localhost' }
    expect((await ask(port, '/', { host })).status).toBe(200)
    expect((await ask(port, '/metrics', { host })).status).toBe(200)
    expect((await ask(port, '/status', { host, headers })).status).toBe(403)
    expect((await ask(port, '/control/shutdown', { host, method: 'POST', headers })).status).toBe(403)
    expect(calls).toEqual([])
  })

  it('do not take control from this machine when it listens on another address only', async () => {
    const { port, calls } = await start({ host })
    expect((await ask(port, '/control/pause', { method: 'POST', headers: authorized })).status).toBe(200)
    expect((await ask(port, '/control/pause', { host, method: 'POST', headers: authorized })).status).toBe(403)
    expect(calls).toEqual([['pause', undefined]])
  })
})

describe('startHttpServer', () => {
  it('says who is at fault when the port is taken', async () => {
    const { port } = await start()
    const options = {
      host: '127.0.0.1',
      port,
      token,
      metrics: createMetrics(() => [], Date.now),
      report: () => report,
      control: {} as ControlActions,
      redactor: new Redactor(),
    }
    await expect(startHttpServer(options)).rejects.toMatchObject({
      message: `cannot listen on 127.0.0.1 port ${port}: another program listens there`,
      fix: expect.stringContaining('--port'),
    })
  })
})
