import { afterEach, describe, expect, it } from 'vitest'
import { type Client, once, recorded, Stage, settled } from './stage.js'

let stage: Stage

afterEach(() => stage.close())

const ids = (all: [string, { data?: unknown }][]) =>
  all.filter(([name]) => name === 'orders').map(([, { data }]) => (data as { id: number }).id)

/** Cuts the connection as a network would, changes rows meanwhile, and waits until the client is back. */
async function cutOff(client: Client, away: () => Promise<void>): Promise<void> {
  const gone = once(client, 'disconnect')
  client.io.engine.close()
  await gone
  await away()
  const back = once(client, 'connected')
  client.connect()
  await back
}

const order = (id: number, userId: string) => ({ after: { id, userId } })

describe('a client that comes back soon', () => {
  it('gets what it missed, once, in order, and nothing that is not its own', async () => {
    stage = await Stage.open({ routing: { orders: 'userId' } })
    const client = await stage.connected('token-1')
    const got = recorded(client)
    await stage.write(order(1, '1'), order(2, '2'))
    await settled(stage, client, '1')
    await cutOff(client, () => stage.write(order(3, '1'), order(4, '2'), order(5, '1')))
    expect(client.recovered).toBe(true)
    await stage.write(order(6, '1'))
    await settled(stage, client, '1')
    expect(ids(got)).toEqual([1, 3, 5, 6])
    expect(got.filter(([name]) => name === 'changes').length).toBe(6)
  })

  it('also when it has received nothing yet, and again and again', async () => {
    stage = await Stage.open({ routing: { orders: 'userId' } })
    const client = await stage.connected('token-1')
    const got = recorded(client)
    for (const id of [1, 2, 3]) await cutOff(client, () => stage.write(order(id, '1')))
    await settled(stage, client, '1')
    expect(ids(got)).toEqual([1, 2, 3])
  })

  it('as somebody else gets nothing of what the former user missed', async () => {
    stage = await Stage.open({ routing: { orders: 'userId' } })
    const client = await stage.connected('token-1')
    const got = recorded(client)
    await cutOff(client, async () => {
      await stage.write(order(1, '1'), order(2, '2'))
      client.auth = { token: 'token-2' }
    })
    await stage.write(order(3, '1'), order(4, '2'))
    await settled(stage, client, '2')
    expect(ids(got)).toEqual([4])
    expect(client.recovered).toBe(false)
  })

  it('with a token that is no longer good is refused and gets nothing', async () => {
    stage = await Stage.open({ routing: { orders: 'userId' } })
    const client = await stage.connected('token-1')
    const got = recorded(client)
    client.auth = { token: 'withdrawn' }
    const gone = once(client, 'disconnect')
    client.io.engine.close()
    await gone
    await stage.write(order(1, '1'))
    client.connect()
    const refused = once(client, 'disconnect')
    expect((await once(client, 'error'))[0]).toMatchObject({ code: 401 })
    await refused
    expect(got.map(([name]) => name)).toEqual(['error'])
  })

  it.each([{ replaySeconds: 0 }, { replayBytes: 0 }, { replayBytes: 150 }])(
    'with %j it begins anew',
    async (config) => {
      stage = await Stage.open({ routing: { orders: 'userId' }, ...config })
      const client = await stage.connected('token-1')
      const got = recorded(client)
      await cutOff(client, () => stage.write(order(1, '1'), order(2, '1')))
      await stage.write(order(3, '1'))
      await settled(stage, client, '1')
      expect([client.recovered ?? false, ids(got)]).toEqual([false, [3]])
    },
  )
})
