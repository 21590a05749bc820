import { connect } from 'node:net'
import { EdsError } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { contentBytes } from '../src/index.js'
import { methods, serveEndpoints } from './endpoint-server.js'

describe('<METHOD> /event/<eventKey>', () => {
  it('takes every method that Node.js parses, body included', async () => {
    const { ask, received } = await serveEndpoints()
    for (const method of methods) {
      const { status } = await ask('/event/entry1', { method, body: `by ${method}` })
      expect([method, status]).toEqual([method, 200])
    }
    expect(received.map(({ httpMethod, content }) => [httpMethod, content])).toEqual(
      methods.map((method) => [method, `by ${method}`]),
    )
  })

  it('answers HEAD without a body', async () => {
    const { ask, received } = await serveEndpoints()
    const { status, body } = await ask('/event/entry1', { method: 'HEAD' })
    expect([status, body, received.length]).toEqual([200, '', 1])
  })

  it('keeps headers as lists by canonical name, without those of the connection', async () => {
    const { ask, received } = await serveEndpoints()
    const headers = {
      'content-TYPE': 'text/x',
      'x-many': ['a', 'b'],
      'X-MANY': 'c',
    }
    await ask('/event/entry1', { method: 'POST', headers, body: 'x' })
    const { Connection: _, ...found } = received[0]?.headers ?? {}
    expect(found).toEqual({
      'Content-Length': ['1'],
      'Content-Type': ['text/x'],
      'X-Many': ['c'],
    })
  })

  it('keeps a header that comes twice, and reads values as UTF-8', async () => {
    const { port, received } = await serveEndpoints()
    await raw(
      port,
      'GET /event/entry1 HTTP/1.1\r\nHost: x\r\nx-a: 1\r\nX-A: Zoë\r\n__proto__: 3\r\nConnection: close\r\n\r\n',
    )
    expect(Object.entries(received[0]?.headers ?? {})).toEqual([
      ['X-A', ['1', 'Zoë']],
      ['__proto__', ['3']],
      ['Connection', ['close']],
    ])
  })

  it('keeps query parameters as lists, decoded', async () => {
    const { ask, received } = await serveEndpoints()
    await ask('/event/entry1?queryP=myQueryP&b=1&b=2+3&c&d=%C3%AB&__proto__=x?')
    expect(Object.entries(received[0]?.queryParams ?? {})).toEqual([
      ['queryP', ['myQueryP']],
      ['b', ['1', '2 3']],
      ['c', ['']],
      ['d', ['ë']],
      ['__proto__', ['x?']],
    ])
  })

  it('keeps the body as it is, whatever its type says', async () => {
    const { ask, received } = await serveEndpoints()
    const texts = ['', '{"a": 1}', 'New test1', 'ë🔧\u0000\r\n', '\ufeffx', 'x'.repeat(300_000)]
    for (const body of texts)
      await ask('/event/entry1', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    expect(received.map(({ content }) => content)).toEqual(texts)
  })

  it('keeps a body that is not UTF-8 as base64, and says so in a header that no sender can set', async () => {
    const { ask, received } = await serveEndpoints()
    const body = Buffer.from([0xff, 0x00, 0xc3, 0x28])
    await ask('/event/entry1', { method: 'POST', body })
    await ask('/event/entry1', { method: 'POST', body: 'text', headers: { 'eds-content-encoding': 'base64' } })
    expect(received[0]).toMatchObject({
      content: body.toString('base64'),
      headers: { 'Eds-Content-Encoding': ['base64'] },
    })
    expect(received[1]?.headers).not.toHaveProperty('Eds-Content-Encoding')
    expect(received.map(contentBytes)).toEqual([body, Buffer.from('text')])
  })

  it('takes a body in chunks', async () => {
    const { port, received } = await serveEndpoints()
    await raw(
      port,
      'POST /event/entry1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    )
    expect(received[0]).toMatchObject({ content: 'abcde', headers: { Connection: ['close'] } })
    expect(received[0]?.headers).not.toHaveProperty('Transfer-Encoding')
  })

  it('decodes the key', async () => {
    const { ask, received } = await serveEndpoints()
    await ask('/event/entry%20%C3%AB')
    expect(received[0]?.eventKey).toBe('entry ë')
  })

  it.each([
    ['GET', '/event/unknown', 'there is no endpoint "unknown"'],
    ['GET', '/event/entry2', 'the endpoint "entry2" takes no GET'],
    ['POST', '/event/', 'missing or incorrect eventKey'],
    ['POST', '/event/%ff', 'missing or incorrect eventKey'],
  ])('answers 400 to %s %s with the reason, and stores nothing', async (method, path, reason) => {
    const { ask, received } = await serveEndpoints()
    const { status, body } = await ask(path, { method, body: 'x'.repeat(200_000) })
    expect(status).toBe(400)
    expect(body).toContain(reason)
    expect(received).toEqual([])
  })

  it('answers 413 to a body over the limit, said or not, and takes one at it', async () => {
    const { ask, port, received } = await serveEndpoints({ maxBodyBytes: 10 })
    expect((await ask('/event/entry1', { method: 'POST', body: 'x'.repeat(10) })).status).toBe(200)
    const said = await ask('/event/entry1', { method: 'POST', body: 'x'.repeat(5_000_000) })
    expect([said.status, said.body]).toEqual([413, 'the body is larger than 10 bytes\n'])
    const head = 'POST /event/entry1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n'
    expect(await raw(port, `${head}b\r\n${'x'.repeat(11)}\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1.1 413 /)
    expect(received).toHaveLength(1)
  })

  it('answers 500 when the store fails: the event is not acknowledged', async () => {
    const receive = () => Promise.reject(new EdsError('connection', 'the store is out of reach'))
    const { ask, errors } = await serveEndpoints({ service: { receive } })
    const { status, body } = await ask('/event/entry1', { method: 'POST', body: 'x' })
    expect([status, body]).toEqual([500, 'impossible to store the event: the store is out of reach\n'])
    expect(errors).toHaveLength(1)
  })

  it('answers 400 when the store can never hold the event', async () => {
    const receive = () => Promise.reject(new EdsError('record', 'the event takes 2 bytes'))
    const { ask } = await serveEndpoints({ service: { receive } })
    const { status, body } = await ask('/event/entry1', { method: 'POST', body: 'x' })
    expect([status, body]).toEqual([400, 'impossible to store the event: the event takes 2 bytes\n'])
  })

  it('tells nothing of errors that were not made to be shown', async () => {
    const receive = () => Promise.reject(new Error('password is x'))
    const { ask } = await serveEndpoints({ service: { receive } })
    expect((await ask('/event/entry1')).body).toBe('impossible to store the event\n')
  })

  it('stores nothing of a sender that goes away in the middle, and goes on', async () => {
    const { ask, port, received, errors } = await serveEndpoints()
    const socket = connect(port, '127.0.0.1')
    socket.write('POST /event/entry1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
    await new Promise((resolve) => socket.once('ready', resolve))
    socket.destroy()
    expect((await ask('/event/entry1')).status).toBe(200)
    expect(received.map(({ content }) => content)).toEqual([''])
    expect(errors).toEqual([])
  })
})

describe('when the answer is given', () => {
  const due = () => {
    let settle = { resolve: (_text: string) => {}, reject: (_error: unknown) => {} }
    const evaluated = new Promise<string>((resolve, reject) => {
      settle = { resolve, reject }
    })
    return { evaluated, ...settle }
  }

  it('is after the evaluation, which it tells of', async () => {
    const { evaluated, resolve } = due()
    const { ask } = await serveEndpoints({ service: { receive: async () => ({ evaluated }) } })
    const order: string[] = []
    const answer = ask('/event/entry1').then(({ body }) => order.push(body))
    await ask('/config')
    order.push('evaluated\n')
    resolve('message sent')
    await answer
    expect(order).toEqual(['evaluated\n', 'message sent\n'])
  })

  it('is 200 when the evaluation fails: the event is stored', async () => {
    const receive = async () => ({ evaluated: Promise.reject(new EdsError('connection', 'Pub/Sub is out of reach')) })
    const { ask, errors } = await serveEndpoints({ service: { receive } })
    const { status, body } = await ask('/event/entry1')
    expect([status, body]).toEqual([200, 'event stored; Pub/Sub is out of reach\n'])
    expect(errors).toHaveLength(1)
  })

  it('is before the evaluation in the asynchronous mode', async () => {
    const { evaluated, reject } = due()
    const service = { receive: async () => ({ evaluated }) }
    const { ask, errors } = await serveEndpoints({ answerFirst: true, service })
    expect((await ask('/event/entry1')).body).toBe('event stored\n')
    reject(new Error('later'))
    await expect.poll(() => errors).toHaveLength(1)
  })
})

describe('other requests', () => {
  it.each(['/trigger', '/event/trigger', '/trigger?x=1'])('triggers by GET, POST and PUT %s', async (path) => {
    const { ask, calls } = await serveEndpoints()
    for (const method of ['GET', 'POST', 'PUT']) expect((await ask(path, { method })).status).toBe(200)
    expect(calls).toEqual(['trigger', 'trigger', 'trigger'])
  })

  it('resets', async () => {
    const { ask, calls } = await serveEndpoints()
    expect(await ask('/reset')).toMatchObject({ status: 200, body: 'events reset\n' })
    expect(calls).toEqual(['reset'])
  })

  it.each(['HEAD', 'OPTIONS'])('does nothing on %s', async (method) => {
    const { ask, calls } = await serveEndpoints()
    for (const path of ['/trigger', '/reset']) expect((await ask(path, { method })).status).toBe(405)
    expect(calls).toEqual([])
  })

  it('answers 500 when a trigger or reset fails, with the reason', async () => {
    const fail = () => Promise.reject(new EdsError('record', 'the message has 11,000,000 bytes'))
    const { ask } = await serveEndpoints({ service: { trigger: fail, reset: fail } })
    expect(await ask('/trigger')).toMatchObject({
      status: 500,
      body: 'impossible to trigger the message: the message has 11,000,000 bytes\n',
    })
    expect(await ask('/reset')).toMatchObject({ status: 500, body: expect.stringContaining('reset the events') })
  })

  it('shows configuration, status and metrics', async () => {
    const { ask } = await serveEndpoints()
    const config = await ask('/config')
    expect([config.headers['content-type'], JSON.parse(config.body)]).toEqual([
      'application/json',
      { serviceName: 'My First Event Sync' },
    ])
    expect(JSON.parse((await ask('/status')).body)).toEqual({ windowsFired: 3 })
    const metrics = await ask('/metrics')
    expect([metrics.headers['content-type'], metrics.body]).toEqual([
      'text/plain; version=0.0.4',
      'eds_sync_events_total 3\n',
    ])
  })

  it('is healthy until it is ending', async () => {
    let ending = false
    const { ask } = await serveEndpoints({ isEnding: () => ending })
    for (const path of ['/', '/status/health']) expect((await ask(path)).status).toBe(200)
    ending = true
    for (const path of ['/', '/status/health']) expect((await ask(path)).status).toBe(503)
  })

  it.each([
    [{ status: 'starting' }, 503],
    [{ status: 'ok' }, 200],
    [{ status: 'degraded', reason: 'no answer' }, 200],
    [{ status: 'blocked', reason: 'no topic' }, 503],
  ] as const)(
    'is alive and, when its health is %j, answers %i to who asks whether it is ready',
    async (health, code) => {
      const { ask } = await serveEndpoints({ service: { health: () => health } })
      const { status, body } = await ask('/status/health')
      expect([status, JSON.parse(body)]).toEqual([code, health])
      expect((await ask('/')).status).toBe(200)
    },
  )

  it('answers 404 to everything else', async () => {
    const { ask } = await serveEndpoints()
    for (const path of ['/nothing', '/event', '/events/entry1']) expect((await ask(path)).status).toBe(404)
  })
})

describe('pages of other origins', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: {
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'x-a, x-b',
      origin: 'http://x',
    },
  }

  it('are told nothing when the switch is off; their question is an event', async () => {
    const { ask, received } = await serveEndpoints()
    const { headers } = await ask('/event/entry1', preflight)
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(received).toHaveLength(1)
  })

  it('may read every answer when it is on', async () => {
    const { ask } = await serveEndpoints({ anyOrigin: true })
    for (const path of ['/event/entry1', '/event/unknown', '/config', '/nothing']) {
      expect((await ask(path)).headers['access-control-allow-origin']).toBe('*')
    }
  })

  it('are allowed what they ask for, which is no event', async () => {
    const { ask, received } = await serveEndpoints({ anyOrigin: true })
    const { status, headers } = await ask('/event/entry1', preflight)
    expect(status).toBe(204)
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'x-a, x-b',
    })
    expect(received).toEqual([])
    await ask('/event/entry1', { method: 'OPTIONS' })
    expect(received).toHaveLength(1)
  })
})

/** Sends bytes as they are, and gives back all that comes until the other side closes. */
function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (part) => {
      text += part
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}
