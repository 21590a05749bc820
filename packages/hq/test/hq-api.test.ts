import { describe, expect, it } from 'vitest'
import { hqApi, type SessionInfo, systemInfo } from '../src/index.js'
import { keyOf } from './api-key.js'
import { JumpingClock } from './jumping-clock.js'
import { machine } from './machine-facts.js'

const apiKey = keyOf({ iss: 'https://hq.example.com' })
const creds = '-----BEGIN NATS USER JWT-----\neyJ\n------END NATS USER JWT------\n'

interface Seen {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: unknown
}

type Reply = (() => Response) | Error

const ok = (data: unknown) => () => Response.json({ success: true, data })
const refusal =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    Response.json(
      { success: false, message: `no, ${apiKey}` },
      { status, headers: { 'x-request-id': 'r-1', ...headers } },
    )
const broken = (code: string) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ${code}`), { code }) })

function api(replies: readonly Reply[], options: { apiKey?: string; apiUrl?: string } = { apiKey }) {
  const seen: Seen[] = []
  const clock = new JumpingClock()
  const fetch: typeof globalThis.fetch = async (url, { method = 'GET', headers, body } = {}) => {
    const reply = replies[Math.min(seen.length, replies.length - 1)]
    seen.push({ url: String(url), method, headers: new Headers(headers), body })
    if (typeof reply === 'function') return reply()
    throw reply
  }
  return { seen, clock, client: hqApi({ version: '1.2.3', clock, random: () => 0, fetch, ...options }) }
}

const info: SessionInfo = {
  ...systemInfo('eds', Date.UTC(2026, 0, 1), machine),
  version: '1.2.3',
  serverId: 's1',
  driver: { id: 'postgres', name: 'PostgreSQL', description: 'd', url: 'postgres://u:hidden@h/db' },
}

describe('hqApi', () => {
  it('enrolls at the address that the code names, without a key', async () => {
    const { client, seen } = api([ok({ token: 't', serverId: 's' })], {})
    expect(await client.enroll(' S12 ')).toEqual({ token: 't', serverId: 's' })
    expect(seen[0]).toMatchObject({
      method: 'GET',
      url: 'https://sandbox-api.shopmonkey.cloud/v3/eds/internal/enroll/S12',
    })
    expect(seen[0]?.headers.get('authorization')).toBeNull()
    expect(seen[0]?.headers.get('user-agent')).toBe('Shopmonkey EDS Server/1.2.3')
  })

  it('says when an enrollment code is worth nothing', async () => {
    await expect(api([refusal(404)], { apiUrl: 'http://h' }).client.enroll('x')).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('code is not valid'),
    })
  })

  it('starts a session, with the destination masked and the credentials decoded', async () => {
    const { client, seen } = api([ok({ sessionId: 'n1', credential: Buffer.from(creds).toString('base64') })])
    expect(await client.startSession(info)).toEqual({ outcome: 'started', sessionId: 'n1', credentials: creds })
    const sent = JSON.parse(String(seen[0]?.body))
    expect(sent).toEqual({ ...info, driver: { ...info.driver, url: 'postgres://u:***@h/db' } })
    expect(seen[0]?.headers.get('authorization')).toBe(`Bearer ${apiKey}`)
    expect(seen[0]?.headers.get('content-type')).toBe('application/json')
  })

  it('tells a server that runs already from an error', async () => {
    const { client, seen } = api([refusal(409)])
    expect(await client.startSession(info)).toMatchObject({ outcome: 'running' })
    expect(seen).toHaveLength(1)
  })

  it('takes credentials that are absent', async () => {
    const { client } = api([ok({ sessionId: 'n1', credential: null })])
    expect(await client.startSession(info)).toEqual({ outcome: 'started', sessionId: 'n1' })
  })

  it.each([
    { call: 'endSession', reply: { url: 'u', errorUrl: null }, result: { url: 'u' } },
    { call: 'logUpload', reply: { url: 'u' }, result: 'u' },
    { call: 'exportBulk', reply: { jobId: 'j' }, result: 'j' },
    {
      call: 'exportStatus',
      reply: { completed: false, tables: { order: { status: 'Pending', error: '', urls: null, cursor: '' } } },
      result: { completed: false, tables: { order: { status: 'Pending', urls: [], cursor: '' } } },
    },
    { call: 'olderExport', reply: { fileName: 'f' }, result: 'f' },
    { call: 'presignedUrl', reply: { url: 'u' }, result: 'u' },
  ] as const)('$call reads its answer, and refuses another', async ({ call, reply, result }) => {
    const run = ({ client }: ReturnType<typeof api>) => {
      switch (call) {
        case 'endSession':
          return client.endSession('a/b', { errored: true })
        case 'exportBulk':
          return client.exportBulk({ timeOffset: 5, tables: ['order'] })
        case 'olderExport':
          return client.olderExport(['order'])
        default:
          return client[call]('a/b')
      }
    }
    expect(await run(api([ok(reply)]))).toEqual(result)
    await expect(run(api([ok(5)]))).rejects.toMatchObject({ code: 'unknown', message: /cannot be used/ })
    await expect(run(api([() => new Response('<html>')]))).rejects.toMatchObject({ code: 'unknown' })
    await expect(run(api([() => Response.json({ success: false, message: 'closed' })]))).rejects.toThrow('closed')
  })

  it.each([
    { status: 401, reply: refusal(401), code: 'authentication' },
    { status: 403, reply: refusal(403), code: 'authentication' },
    { status: 400, reply: refusal(400), code: 'configuration' },
    { status: 500, reply: refusal(500), code: 'connection' },
    { status: 503, reply: refusal(503), code: 'connection' },
    { status: 429, reply: refusal(429, { 'retry-after': '60' }), code: 'throttled', retryAfterMs: 60_000 },
  ])('$status is $code, with the request id and without the key', async ({ status, reply, ...error }) => {
    const failed = await api([reply])
      .client.logUpload('n1')
      .catch((reason: unknown) => reason)
    expect(failed).toMatchObject({ ...error, message: expect.stringContaining('(request id r-1)') })
    expect(String(failed)).toContain(`POST https://hq.example.com/v3/eds/internal/n1/log answered ${status}`)
    expect(String(failed)).not.toContain(apiKey)
  })

  it('tries again, longer and longer, until it works', async () => {
    const { client, seen, clock } = api([broken('ECONNREFUSED'), broken('ECONNRESET'), refusal(503), ok({ url: 'u' })])
    expect(await client.logUpload('n1')).toBe('u')
    expect(seen).toHaveLength(4)
    expect(clock.waits).toEqual([125, 250, 500])
  })

  it('gives up after thirty seconds', async () => {
    const { client, clock } = api([broken('ECONNREFUSED')])
    const began = clock.now()
    await expect(client.logUpload('n1')).rejects.toMatchObject({ code: 'connection', message: /ECONNREFUSED/ })
    expect(clock.now() - began).toBeGreaterThan(25_000)
    expect(clock.now() - began).toBeLessThanOrEqual(30_000)
  })

  it('heeds Retry-After', async () => {
    const { client, clock } = api([refusal(429, { 'retry-after': '7' }), ok({ url: 'u' })])
    await client.logUpload('n1')
    expect(clock.waits).toEqual([7_125])
  })

  it('needs a key, and can be cancelled', async () => {
    await expect(api([], {}).client.logUpload('n1')).rejects.toThrow('no API key')
    const { client, seen } = api([ok({ url: 'u' })])
    await expect(client.logUpload('n1', AbortSignal.abort())).rejects.toThrow('was cancelled')
    expect(seen).toHaveLength(0)
  })

  it('moves files without the key, and never shows what signs their URLs', async () => {
    const { client, seen } = api([() => new Response('text', { headers: { 'content-length': '4' } })])
    await client.uploadLog('https://store/log?sig=hidden', Buffer.from('log'))
    expect(seen[0]).toMatchObject({ method: 'PUT', url: 'https://store/log?sig=hidden' })
    expect(seen[0]?.headers.get('content-type')).toBe('application/x-tgz')
    expect(seen[0]?.headers.get('authorization')).toBeNull()
    const { size, body } = await client.download('https://store/file?sig=hidden')
    expect(size).toBe(4)
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toBe('text')
    const refused = api([refusal(403)]).client.download('https://store/file?sig=hidden')
    await expect(refused).rejects.toThrow('GET https://store/file?*** answered 403')
    await expect(api([]).client.download('hidden')).rejects.toThrow(expect.not.stringContaining('hidden'))
  })
})
