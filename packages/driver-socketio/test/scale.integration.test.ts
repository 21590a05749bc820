import { randomUUID } from 'node:crypto'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { requireService } from '@eds/tool-services/vitest'
import { afterEach, expect, it } from 'vitest'
import { once, recorded, Stage, settled } from './stage.js'

const redis = await requireService('redis')

redis.describe('two servers with the Redis adapter', () => {
  const stages: Stage[] = []

  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close()
  })

  async function open(): Promise<Stage> {
    const stage = await Stage.open({ routing: { orders: 'userId' }, adapter: 'redis', redisUrl: redis.url })
    stages.push(stage)
    return stage
  }

  it('what one is given reaches the sockets of both, and only those who may see it', async () => {
    const [one, other] = [await open(), await open()]
    const [user, stranger] = [randomUUID(), randomUUID()]
    const here = await one.connected(`token-${user}`)
    const there = await other.connected(`token-${user}`)
    const foreign = await other.connected(`token-${stranger}`)
    const all = [here, there, foreign].map(recorded)
    expect(await one.socketio.receivers(user)).toBe(2)
    await one.write({ after: { id: 1, userId: user, big: 2 ** 40 } }, { after: { id: 2, userId: 'nobody' } })
    await Promise.all([settled(one, there, user), settled(one, foreign, stranger)])
    const rows = all.map((got) => got.flatMap(([name, { data }]) => (name === 'orders' ? [data] : [])))
    const row = { id: 1, userId: user, big: 2 ** 40 }
    expect(rows).toEqual([[row], [row], []])
  })

  it('while Redis is away, a server still serves its own sockets', async () => {
    const { hostname, port } = new URL(redis.url)
    const connections = new Set<Socket>()
    const proxy = createServer((near) => {
      const far = connect(Number(port), hostname)
      for (const [from, to] of [[near, far] as const, [far, near] as const]) {
        connections.add(from)
        from
          .on('error', () => {})
          .on('close', () => to.destroy())
          .pipe(to)
      }
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const redisUrl = `redis://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const stage = await Stage.open({ routing: { orders: 'userId' }, adapter: 'redis', redisUrl })
    stages.push(stage)
    const user = randomUUID()
    const client = await stage.connected(`token-${user}`)
    const closed = new Promise((resolve) => proxy.close(resolve))
    for (const connection of connections) connection.destroy()
    await closed
    for (const id of [1, 2]) {
      const change = once(client, 'changes')
      await stage.write({ after: { id, userId: user } })
      expect((await change)[0]).toMatchObject({ data: { id } })
    }
    expect(stage.lines.join()).toContain('Redis cannot be reached')
  })

  it('a Redis that is not there is said when starting, without its password', async () => {
    const opening = Stage.open({ adapter: 'redis', redisUrl: 'redis://:s3cret-pw@127.0.0.1:1' })
    const error: unknown = await opening.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'connection' })
    expect(String((error as Error).message)).not.toContain('s3cret-pw')
  })
})

it('the adapter redis needs to know where', async () => {
  await expect(Stage.open({ adapter: 'redis' })).rejects.toThrow('redisUrl')
})
