import { afterEach, describe, expect, it } from 'vitest'
import { type Client, once, recorded, Stage, settled } from './stage.js'

let stage: Stage

afterEach(() => stage.close())

const names = (all: [string, unknown][]) =>
  all.map(([name]) => name).filter((name) => name !== 'end of test' && name !== 'changes')
const rows = (all: [string, { data?: unknown }][]) =>
  all.filter(([name, { data }]) => name === 'changes' && JSON.stringify(data) !== '{}').map(([, { data }]) => data)

async function pair(config: Record<string, unknown>): Promise<[Client, Client]> {
  stage = await Stage.open(config)
  return [await stage.connected('token-1'), await stage.connected('token-2')]
}

describe('connecting', () => {
  it('a good token is told so', async () => {
    stage = await Stage.open()
    const client = stage.client('token-7')
    const [message] = await once(client, 'connected')
    expect(message).toEqual({ sessionId: client.id, userId: '7', code: 200, message: 'Connected' })
  })

  it.each([['bad'], [''], [undefined], ['TEST']])('the token %j is refused, then disconnected', async (token) => {
    stage = await Stage.open()
    const client = stage.client(token)
    const gone = once(client, 'disconnect')
    expect(await once(client, 'error')).toEqual([{ code: 401, message: 'Unauthorized' }])
    expect((await gone)[0]).toBe('io server disconnect')
  })

  it('who is refused gets nothing, not even what is for everyone', async () => {
    stage = await Stage.open({ routing: { news: '*' } })
    const good = await stage.connected('token-1')
    const bad = stage.client('bad')
    const got = recorded(bad)
    await once(bad, 'disconnect')
    await stage.write({ table: 'news', after: { id: 1 } })
    await settled(stage, good, '*')
    expect(names(got)).toEqual(['error'])
  })

  it('TEST is user -1 in development, and other tokens are refused', async () => {
    stage = await Stage.open({ development: true }, {})
    const [message] = await once(stage.client('TEST'), 'connected')
    expect(message).toMatchObject({ userId: -1 })
    expect(await once(stage.client('other'), 'error')).toEqual([{ code: 401, message: 'Unauthorized' }])
  })

  it('says 503 when tokens cannot be checked, logs no token, and lets the client in when they can be', async () => {
    let broken = true
    stage = await Stage.open(
      {},
      {
        authenticate: async (token) => {
          if (broken) throw new Error(`no answer for ${token}`)
          return { userId: 'late' }
        },
      },
    )
    const client = stage.client('s3cret-token')
    expect(await once(client, 'error')).toEqual([{ code: 503, message: 'Service Unavailable' }])
    broken = false
    expect((await once(client, 'connected'))[0]).toMatchObject({ userId: 'late' })
    expect(stage.lines.join()).toContain('could not be checked')
    expect(stage.lines.join()).not.toContain('s3cret-token')
  })

  it('a token that expires ends the connection', async () => {
    stage = await Stage.open({}, { authenticate: async () => ({ userId: 'u', expiresAt: Date.now() + 1_500 }) })
    const client = stage.client('any')
    const error = once(client, 'error')
    await once(client, 'connected')
    expect(await error).toEqual([{ code: 401, message: 'the token has expired' }])
  })

  it('long polling works as well', async () => {
    stage = await Stage.open({ routing: { orders: 'userId' } })
    const client = await stage.connected('token-1', { transports: ['polling'] })
    const change = once(client, 'changes')
    await stage.write({ after: { id: 1, userId: 1 } })
    expect((await change)[0]).toMatchObject({ data: { id: 1, userId: 1 } })
  })

  it('the rest of the HTTP server is left alone, while connected and after', async () => {
    stage = await Stage.open()
    const get = async (path: string) => (await fetch(stage.url + path)).text()
    expect(await get('/other')).toBe('host /other')
    expect(await get('/socket.iox')).toBe('host /socket.iox')
    expect(await get('/socket.io/?EIO=4&transport=polling')).toContain('"sid"')
    await stage.driver.close()
    expect(await get('/socket.io/')).toBe('host /socket.io/')
  })
})

describe('a change', () => {
  it('comes as the table’s event and as changes', async () => {
    const [first] = await pair({ routing: { orders: 'userId' }, source: 'postgres' })
    const got = recorded(first)
    const id = '2f1e4fc0-81fd-41da-9156-00036acd1a5b'
    await stage.write({ id, after: { id: 5, userId: 1, note: 'Grüße 🚀\u0000' } })
    await settled(stage, first, '1')
    const message = {
      id,
      table: 'orders',
      type: 'insert',
      data: { id: 5, userId: 1, note: 'Grüße 🚀\u0000' },
      source: 'postgres',
      source_type: 'database',
      timestamp: 1_700_000_000_000,
      version: 1,
    }
    expect(got.slice(0, 2)).toEqual([
      ['orders', message],
      ['changes', message],
    ])
  })

  it('goes to whom its column names, once also when two columns name the same', async () => {
    const [first, second] = await pair({ routing: { orders: ['sender', 'receiver'] } })
    const [one, two] = [recorded(first), recorded(second)]
    await stage.write(
      { after: { id: 1, sender: 1, receiver: 2 } },
      { after: { id: 2, sender: '1', receiver: 1 } },
      { after: { id: 3, sender: 3, receiver: null } },
      { operation: 'DELETE', before: { id: 4, sender: 2 } },
    )
    await settled(stage, first, '*')
    await settled(stage, second, '*')
    expect(rows(one)).toEqual([
      { id: 1, sender: 1, receiver: 2 },
      { id: 2, sender: '1', receiver: 1 },
    ])
    expect(names(one)).toEqual(['orders', 'orders'])
    expect(rows(two)).toEqual([
      { id: 1, sender: 1, receiver: 2 },
      { id: 4, sender: 2 },
    ])
  })

  it('goes to everyone with *, to nobody without a rule', async () => {
    const [first, second] = await pair({ routing: { news: '*' }, filters: ['secret.word'] })
    const [one, two] = [recorded(first), recorded(second)]
    await stage.write(
      { after: { id: 1, userId: 1 } },
      { table: 'secret', after: { id: 1 } },
      { table: 'news', after: { id: 2 } },
    )
    await settled(stage, first, '*')
    await settled(stage, second, '*')
    expect(rows(one)).toEqual([{ id: 2 }])
    expect(rows(two)).toEqual([{ id: 2 }])
  })

  it('that moves a row goes to whom it belongs to now', async () => {
    const [first, second] = await pair({ routing: { orders: 'userId' } })
    const [one, two] = [recorded(first), recorded(second)]
    await stage.write({ operation: 'UPDATE', before: { id: 1, userId: 1 }, after: { id: 1, userId: 2 } })
    await settled(stage, first, '*')
    await settled(stage, second, '*')
    expect([rows(one), rows(two)]).toEqual([[], [{ id: 1, userId: 2 }]])
  })

  it('has no filtered columns, but is routed by them', async () => {
    const [first] = await pair({ routing: { orders: 'userId' }, filters: ['orders.password', 'orders.userId'] })
    const got = recorded(first)
    await stage.write({ after: { id: 1, userId: 1, password: 'x' } })
    await settled(stage, first, '1')
    expect(rows(got)).toEqual([{ id: 1 }])
  })

  it.each(['connect', 'connect_error', 'disconnect', 'error', 'connected', 'changes', 'newListener'])(
    'of a table named %s does not pass for something else',
    async (table) => {
      const [first] = await pair({ routing: { [table]: '*' } })
      const got = recorded(first)
      await stage.write({ table, after: { id: 1 } })
      await settled(stage, first, '1')
      expect(names(got)).toEqual([`table:${table}`])
      expect(rows(got)).toEqual([{ id: 1 }])
    },
  )

  it('of 10 MB arrives whole', async () => {
    const [first] = await pair({ routing: { orders: 'userId' } })
    const text = 'x'.repeat(10 * 2 ** 20)
    const change = once(first, 'changes')
    await stage.write({ after: { id: 1, userId: 1, text } })
    expect((await change)[0]).toMatchObject({ data: { id: 1, userId: 1, text } })
  })

  it('that was published goes to its user, or to all, whatever the rules say', async () => {
    const [first, second] = await pair({ routing: { orders: '*' } })
    const [one, two] = [recorded(first), recorded(second)]
    const published = { source_type: 'api', source: 'backend', version: 3, modelVersion: 'api' }
    await stage.write(
      { ...published, userId: '2', after: { id: 1 } },
      { ...published, userId: '*', table: 'unruled', after: { id: 2 } },
      { userId: '2', after: { id: 3, source_type: 'api' } },
    )
    await settled(stage, first, '*')
    await settled(stage, second, '*')
    expect(rows(one)).toEqual([{ id: 2 }, { id: 3, source_type: 'api' }])
    expect(rows(two)).toEqual([{ id: 1 }, { id: 2 }, { id: 3, source_type: 'api' }])
    expect(two[0]).toEqual(['orders', expect.objectContaining({ source: 'backend', source_type: 'api', version: 3 })])
  })
})

describe('a program', () => {
  it('publishes past the pipeline and knows how many it reaches', async () => {
    const [first] = await pair({})
    await stage.connected('token-1')
    expect(await stage.socketio.receivers('1')).toBe(2)
    expect(await stage.socketio.receivers('*')).toBe(3)
    expect(await stage.socketio.receivers('9')).toBe(0)
    const change = once(first, 'changes')
    const message = {
      id: 'x',
      table: 't',
      type: 'insert',
      data: { bytes: Buffer.from([0, 255]) },
      source: 's',
      source_type: 'api',
      timestamp: 1,
      version: 1,
    } as const
    expect(await stage.socketio.publish(message, '1')).toBe(2)
    const [got] = (await change) as [{ data: { bytes: Uint8Array } }]
    expect([...got.data.bytes]).toEqual([0, 255])
  })
})

describe('republishing', () => {
  it('goes to the sender’s own user, whatever the payload says', async () => {
    const [first, second] = await pair({ republish: true })
    const other = await stage.connected('token-1')
    const two = recorded(second)
    const change = once(other, 'changes')
    first.emit('event', { type: 'update', table: 'orders', data: { id: 9 }, userId: '2', source: 'me' } as never)
    expect((await change)[0]).toMatchObject({
      type: 'update',
      data: { id: 9 },
      source: 'socketio',
      source_type: 'socketio',
      version: 1,
    })
    await settled(stage, second, '*')
    expect(names(two)).toEqual([])
  })

  it.each([
    [null],
    ['text'],
    [{}],
    [{ type: 'insert', data: 1 }],
    [{ type: 'x', table: 't', data: {} }],
    [{ type: 'insert', table: 't' }],
  ])('%j is invalid', async (body) => {
    const [first] = await pair({ republish: true })
    const error = once(first, 'error')
    first.emit('event', body as never)
    expect((await error)[0]).toMatchObject({ code: 400 })
  })

  it('takes messages up to the limit, and closes the connection on a longer one', async () => {
    const [first] = await pair({ republish: true, maxMessageBytes: 10_000 })
    const event = (length: number) => ({ type: 'insert', table: 'orders', data: 'x'.repeat(length) }) as const
    const change = once(first, 'changes')
    first.emit('event', event(9_000))
    expect((await change)[0]).toMatchObject({ table: 'orders' })
    const reason = once(first, 'disconnect')
    first.emit('event', event(11_000))
    expect((await reason)[0]).toBe('transport close')
  })

  it('is off by default', async () => {
    const [first, second] = await pair({})
    const got = recorded(second)
    const error = once(first, 'error')
    first.emit('event', { type: 'insert', table: 'orders', data: {} })
    expect((await error)[0]).toMatchObject({ code: 403 })
    await settled(stage, second, '*')
    expect(names(got)).toEqual([])
  })
})
