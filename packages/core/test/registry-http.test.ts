import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, httpRegistry, memoryState, type StateStore, systemClock, type TableSchema } from '../src/index.js'
import { makeEvent } from './events.js'

const sample = makeEvent()
const { signal } = new AbortController()

function schema(table: string, modelVersion: string): TableSchema {
  return { table, modelVersion, primaryKeys: ['id'], required: [], properties: { id: { type: 'string' } } }
}

/** What the server answers by path; everything else is 404. */
let answers: Map<string, unknown>
let requests: IncomingMessage[]
let respond: (request: IncomingMessage, response: ServerResponse) => void
const server = createServer((request, response) => {
  requests.push(request)
  respond(request, response)
})
let baseUrl: string

beforeEach(async () => {
  answers = new Map<string, unknown>([
    ['/v3/schema', { Order: schema('order', 'v2'), 'Odd/Name': schema('line', 'v1') }],
    ['/v3/schema/Order/v1', schema('order', 'v1')],
    ['/v3/schema/Odd%2FName/a%20b', schema('line', 'a b')],
  ])
  requests = []
  respond = (request, response) => {
    const answer = answers.get(request.url ?? '')
    response.statusCode = answer === undefined ? 404 : 200
    response.end(JSON.stringify(answer ?? {}))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const paths = () => requests.map(({ url }) => url)
const open = (options: { cache?: StateStore; clock?: Clock; timeoutMs?: number } = {}) =>
  httpRegistry({ baseUrl, clock: systemClock, ...options })

describe('httpRegistry', () => {
  it('asks by object name, and only once', async () => {
    const registry = open()
    expect(await registry.get('order', 'v1', sample, signal)).toEqual(schema('order', 'v1'))
    expect(await registry.get('order', 'v1', sample, signal)).toEqual(schema('order', 'v1'))
    expect(await registry.get('order', 'v2', sample, signal)).toEqual(schema('order', 'v2'))
    expect(await registry.get('line', 'a b', sample, signal)).toEqual(schema('line', 'a b'))
    expect(paths()).toEqual(['/v3/schema', '/v3/schema/Order/v1', '/v3/schema/Odd%2FName/a%20b'])
  })

  it('sends its headers and copes with a base URL that ends with a slash', async () => {
    await httpRegistry({ baseUrl: `${baseUrl}/`, clock: systemClock, headers: { 'user-agent': 'test' } }).latest(signal)
    expect(requests[0]).toMatchObject({ url: '/v3/schema', headers: { 'user-agent': 'test' } })
  })

  it('gives undefined for versions and tables that are not there, and sees them when they come', async () => {
    const registry = open()
    expect(await registry.get('order', 'v9', sample, signal)).toBeUndefined()
    expect(await registry.get('new', 'v1', sample, signal)).toBeUndefined()
    answers.set('/v3/schema', { New: schema('new', 'v1') })
    expect(await registry.get('new', 'v1', sample, signal)).toEqual(schema('new', 'v1'))
  })

  it('gives the latest schemas by table', async () => {
    const latest = await open().latest(signal)
    expect([...latest]).toEqual([
      ['order', schema('order', 'v2')],
      ['line', schema('line', 'v1')],
    ])
  })

  it('shares one request among callers, and cancels it when all have left', async () => {
    const arrived = new Promise<ServerResponse>((resolve) => {
      respond = (_, response) => resolve(response)
    })
    const registry = open()
    const [first, second] = [new AbortController(), new AbortController()]
    const calls = [first, second].map((caller) => registry.get('order', 'v2', sample, caller.signal))
    const outcome = Promise.allSettled(calls)
    const response = await arrived
    const closed = new Promise((resolve) => response.on('close', resolve))
    first.abort()
    await expect(calls[0]).rejects.toMatchObject({ code: 'connection' })
    second.abort()
    await closed
    expect((await outcome).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(paths()).toEqual(['/v3/schema'])
  })

  it('answers the others when one caller leaves', async () => {
    const arrived = new Promise<ServerResponse>((resolve) => {
      respond = (_, response) => resolve(response)
    })
    const registry = open()
    const leaving = new AbortController()
    const left = registry.get('order', 'v2', sample, leaving.signal)
    const staying = registry.get('order', 'v2', sample, signal)
    const response = await arrived
    leaving.abort()
    await expect(left).rejects.toMatchObject({ code: 'connection' })
    response.end(JSON.stringify(answers.get('/v3/schema')))
    expect(await staying).toEqual(schema('order', 'v2'))
  })

  it('rejects at once for a caller who has gone', async () => {
    await expect(open().get('order', 'v1', sample, AbortSignal.abort())).rejects.toMatchObject({ code: 'connection' })
    expect(paths()).toEqual([])
  })

  it('keeps schemas in the state store', async () => {
    const cache = memoryState()
    await open({ cache }).get('order', 'v1', sample, signal)
    requests = []
    respond = (_, response) => response.destroy()
    const registry = open({ cache })
    expect(await registry.get('order', 'v1', sample, signal)).toEqual(schema('order', 'v1'))
    expect(await registry.get('line', 'v1', sample, signal)).toEqual(schema('line', 'v1'))
    expect(paths()).toEqual([])
  })

  it('goes on without a store that fails or holds rubbish', async () => {
    const broken = {
      ...memoryState(),
      get: async () => '{"table":1}',
      write: () => Promise.reject(new Error('disk full')),
    }
    expect(await open({ cache: broken }).get('order', 'v1', sample, signal)).toEqual(schema('order', 'v1'))
  })

  it('bounds what it holds in memory', async () => {
    const registry = open()
    respond = ({ url }, response) => {
      const version = url?.split('/')[4]
      response.end(JSON.stringify(version ? schema('order', version) : answers.get('/v3/schema')))
    }
    for (let version = 0; version <= 1_000; version++) await registry.get('order', `n${version}`, sample, signal)
    requests = []
    await registry.get('order', 'n1000', sample, signal)
    expect(paths()).toEqual([])
    await registry.get('order', 'n0', sample, signal)
    expect(paths()).toEqual(['/v3/schema/Order/n0'])
  })

  it.each([401, 404, 429, 500, 503])('rejects with connection when the list answers %i', async (status) => {
    respond = (_, response) => response.writeHead(status).end('secret body')
    await expect(open().latest(signal)).rejects.toMatchObject({
      code: 'connection',
      message: expect.stringMatching(new RegExp(`^GET ${baseUrl}/v3/schema answered ${status}`)),
    })
  })

  it('rejects with connection when nobody answers, resets, or answers something else than JSON', async () => {
    respond = (_, response) => response.destroy()
    await expect(open().latest(signal)).rejects.toMatchObject({ code: 'connection' })
    respond = (_, response) => response.end('<html>')
    await expect(open().latest(signal)).rejects.toMatchObject({ code: 'connection' })
    const nobody = httpRegistry({ baseUrl: 'http://127.0.0.1:1', clock: systemClock })
    await expect(nobody.latest(signal)).rejects.toMatchObject({
      code: 'connection',
      message: expect.stringContaining('GET http://127.0.0.1:1/v3/schema failed'),
    })
  })

  it.each(['https://u:hidden@host', 'https://host?token=hidden', 'ftp://hidden', 'hidden'])('refuses %s', (url) => {
    expect(() => httpRegistry({ baseUrl: url, clock: systemClock })).toThrow(
      expect.objectContaining({ code: 'configuration', message: expect.not.stringContaining('hidden') }),
    )
  })

  it('gives up waiting after the timeout', async () => {
    let expire = () => {}
    const clock: Clock = {
      now: () => 0,
      sleep: () =>
        new Promise((resolve) => {
          expire = resolve
        }),
    }
    respond = () => expire()
    await expect(open({ clock, timeoutMs: 7 }).latest(signal)).rejects.toMatchObject({
      code: 'connection',
      message: expect.stringContaining('no answer within 7 ms'),
    })
  })

  it('names what is wrong with an answer, and lets one odd schema stand in nobody else’s way', async () => {
    const odd = { ...schema('odd', 'v1'), primaryKeys: [] }
    answers.set('/v3/schema', { Order: schema('order', 'v2'), Odd: odd, None: 3 })
    answers.set('/v3/schema/Odd/v1', odd)
    const registry = open()
    expect(await registry.get('order', 'v2', sample, signal)).toEqual(schema('order', 'v2'))
    const failure = (path: string, place: string) => ({
      code: 'configuration',
      message: expect.stringMatching(new RegExp(`GET ${baseUrl}${path}: .*${place}`)),
    })
    await expect(registry.get('odd', 'v1', sample, signal)).rejects.toMatchObject(
      failure('/v3/schema/Odd/v1', 'primaryKeys'),
    )
    await expect(registry.latest(signal)).rejects.toMatchObject(failure('/v3/schema', 'Odd.primaryKeys'))
  })

  it('refuses the schema of another table or version', async () => {
    answers.set('/v3/schema/Order/v1', schema('order', 'v2'))
    await expect(open().get('order', 'v1', sample, signal)).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining('gave the schema of table "order" in version "v2"'),
    })
  })
})
