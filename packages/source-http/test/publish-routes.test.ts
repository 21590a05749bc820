import { createPipeline, decodeEvent, memoryState, padSequence, sink } from '@eds/core'
import { MemoryDatabase, memoryDriver } from '@eds/testkit'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answerNotFound, httpSource, type PublishOptions, publishRoutes } from '../src/index.js'

const token = 'kX9-correct-horse'
const message = { data: { id: 7, name: 'Zoë' }, type: 'update', userId: '42', table: 'users', securityToken: token }

async function serve(options: Partial<PublishOptions> = {}) {
  const published: string[] = []
  const source = { publish: async (event: string) => padSequence(published.push(event)) }
  const app: FastifyInstance = fastify()
  app.setNotFoundHandler(answerNotFound)
  await app.register(publishRoutes, { source, securityToken: token, ...options })
  onTestFinished(() => app.close())
  const post = async (body: unknown, headers = { 'content-type': 'application/json' }) => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await app.inject({ method: 'POST', url: '/publish', headers, payload })
    return { status: answer.statusCode, body: answer.json() }
  }
  const events = () => published.map((text) => JSON.parse(text))
  return { app, post, events, published }
}

describe('POST /publish', () => {
  it('publishes a change event and answers with its id and the number of receivers', async () => {
    const receivers: PublishOptions['receivers'] = ({ userId }) => (userId === '42' ? 3 : 0)
    const { post, events, published } = await serve({ receivers, clock: { now: () => 1_700_000_000_123 } })
    const { status, body } = await post(message)
    expect(status).toBe(200)
    expect(body).toEqual({
      code: 200,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sentTo: 3,
      message: expect.any(String),
    })
    expect(events()).toEqual([
      {
        operation: 'UPDATE',
        id: body.id,
        table: 'users',
        key: ['api', '7'],
        modelVersion: 'api',
        userId: '42',
        after: { id: 7, name: 'Zoë' },
        timestamp: 1_700_000_000_123,
        mvccTimestamp: '1700000000123000000.0000000000',
        source: 'api',
        source_type: 'api',
        version: 1,
      },
    ])
    const decoded = decodeEvent({ position: '1', time: 0, bytes: Buffer.from(published[0] ?? '') })
    expect(decoded).toMatchObject({ operation: 'UPDATE', table: 'users', userId: '42' })
  })

  it.each([
    ['insert', 'INSERT', 'after'],
    ['update', 'UPDATE', 'after'],
    ['delete', 'DELETE', 'before'],
  ])('makes of %s an event %s with the row in "%s"', async (type, operation, image) => {
    const { post, events } = await serve()
    await post({ ...message, type })
    expect(events()[0]).toMatchObject({ operation, [image]: message.data })
  })

  it('takes timestamp, source and version from the message, else the default source', async () => {
    const { post, events } = await serve({ defaultSource: 'backend' })
    await post({ ...message, timestamp: 5, source: 'shop', version: 2 })
    await post(message)
    expect(events()[0]).toMatchObject({ timestamp: 5, source: 'shop', version: 2 })
    expect(events()[1]).toMatchObject({ source: 'backend', version: 1 })
  })

  it('gives a row without id a key of its own, and keeps long numbers exact', async () => {
    const { post, events, published } = await serve()
    const text = JSON.stringify({ ...message, data: { name: 'x' } })
    const { body } = await post(text.replace('"x"', '12345678901234567890.10'))
    expect(events()[0]).toMatchObject({ key: ['api', body.id] })
    expect(published[0]).toContain('"name":12345678901234567890.10')
  })

  const without = (name: keyof typeof message) => {
    const { [name]: _, ...rest } = message
    return rest
  }
  it.each([
    ['no JSON', '{"data":', 'not JSON'],
    ['an empty body', '', 'not JSON'],
    ['a list', '[]', 'not a JSON object'],
    ['no data', without('data'), 'data must be an object'],
    ['data that is no object', { ...message, data: [1] }, 'data must be an object'],
    ['an unknown type', { ...message, type: 'upsert' }, 'type must be insert, update or delete'],
    ['no userId', without('userId'), 'userId must be a text'],
    ['no table', without('table'), 'table must be a text'],
    ['an empty table', { ...message, table: '' }, 'table must not be empty'],
    ['a timestamp that is no number', { ...message, timestamp: 'now' }, 'timestamp must be a number'],
  ])('answers 400 to %s, and says why', async (_name, body, reason) => {
    const { post, events } = await serve()
    expect(await post(body)).toEqual({ status: 400, body: { code: 400, message: expect.stringContaining(reason) } })
    expect(events()).toEqual([])
  })

  it('names everything that is wrong at once', async () => {
    const { post } = await serve()
    const { body } = await post({ securityToken: token })
    for (const name of ['data', 'type', 'userId', 'table']) expect(body.message).toContain(name)
  })

  it.each([
    ['another token', { ...message, securityToken: 'kX9-correct-horsf' }],
    ['a longer token', { ...message, securityToken: `${token}x` }],
    ['no token', without('securityToken')],
    ['a token that is no text', { ...message, securityToken: 7 }],
    ['the token TEST', { ...message, securityToken: 'TEST' }],
    ['a wrong token in an invalid message', { securityToken: 'x' }],
  ])('answers 401 to %s', async (_name, body) => {
    const { post, events } = await serve()
    const answer = await post(body)
    expect(answer).toEqual({ status: 401, body: { code: 401, message: 'invalid security token' } })
    expect(JSON.stringify(answer)).not.toContain(token)
    expect(events()).toEqual([])
  })

  it.each([undefined, ''])('answers 403 when the configured token is %j', async (securityToken) => {
    const { post } = await serve({ securityToken: securityToken as string })
    expect(await post({ ...message, securityToken: '' })).toMatchObject({ status: 403, body: { code: 403 } })
  })

  it('answers 413 to a body over the limit, and 200 to one at it', async () => {
    const size = JSON.stringify(message).length + 1
    const { post } = await serve({ maxBodyBytes: size })
    expect((await post(message)).status).toBe(200)
    const { status, body } = await post({ ...message, source: 'x'.repeat(50) })
    expect({ status, body }).toEqual({
      status: 413,
      body: { code: 413, message: expect.stringContaining(String(size)) },
    })
  })

  it('answers 429 above the rate, by address, but never to a ping', async () => {
    const { post, app } = await serve({ rateLimit: { max: 2, windowMs: 60_000 } })
    const statuses = [await post(message), await post(message), await post(message)].map(({ status }) => status)
    expect(statuses).toEqual([200, 200, 429])
    for (let count = 0; count < 5; count++) expect((await app.inject('/ping')).statusCode).toBe(200)
  })

  it('answers 500 when the event cannot be kept, without saying more than that', async () => {
    const errors: unknown[] = []
    const source = { publish: () => Promise.reject(new Error('secret path')) }
    const { post } = await serve({ source, onError: (error) => errors.push(error) })
    const { status, body } = await post(message)
    expect({ status, code: body.code }).toEqual({ status: 500, code: 500 })
    expect(body.message).not.toContain('secret')
    expect(errors).toHaveLength(1)
  })

  it('takes the body whatever its content type says', async () => {
    const { post } = await serve()
    expect((await post(message, { 'content-type': 'text/plain' })).status).toBe(200)
  })
})

describe('other paths', () => {
  it('answers pong as plain text', async () => {
    const { app } = await serve()
    const answer = await app.inject('/ping')
    expect([answer.statusCode, answer.body]).toEqual([200, 'pong'])
    expect(answer.headers['content-type']).toMatch(/^text\/plain/)
  })

  it.each([
    ['GET', '/publish'],
    ['POST', '/ping'],
    ['GET', '/nothing?x=1'],
  ] as const)('answers 404 as JSON to %s %s', async (method, url) => {
    const { app } = await serve()
    const answer = await app.inject({ method, url })
    expect(answer.json()).toEqual({ code: 404, message: `there is no ${method} ${url.split('?')[0]}` })
    expect(answer.statusCode).toBe(404)
  })

  it('leaves parsers and errors of the rest of the application alone', async () => {
    const { app } = await serve()
    app.post('/mine', async ({ body }) => body)
    const answer = await app.inject({ method: 'POST', url: '/mine', payload: { a: 1 } })
    expect(answer.json()).toEqual({ a: 1 })
  })
})

describe('a published event', () => {
  it('reaches any driver through the pipeline', async () => {
    const database = new MemoryDatabase()
    const source = httpSource({ journal: memoryState() })
    const { post } = await serve({ source })
    await post(message)
    const stop = new AbortController()
    const pipeline = createPipeline({ source, sinks: [sink(memoryDriver(database), 'memory://test')] })
    const running = pipeline.run({ signal: stop.signal })
    await expect.poll(() => pipeline.lanes[0]?.status().totalEvents).toBe(1)
    stop.abort()
    await running
    expect(database.rows('users')).toMatchObject([{ id: 7, name: 'Zoë' }])
    expect(source.backlog).toBe(0)
  })
})
