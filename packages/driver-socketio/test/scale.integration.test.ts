import { randomUUID } from 'node:crypto'
import { requireService } from '@eds/tool-services/vitest'
import { afterEach, expect, it } from 'vitest'
import { recorded, Stage, settled } from './stage.js'

const redis = await requireService('redis')

redis.describe('two servers with the Redis adapter', () => {
  const stages: Stage[] = []

  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close()
  })

  async function open(): Promise<Stage> {
    // Another path is another place in Redis only by its namespace, so tests share a server through users of their own.
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
