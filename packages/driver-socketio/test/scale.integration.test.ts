import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { TcpProxy } from '@eds/testkit'
import { requireService } from '@eds/tool-services/vitest'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { once, recorded, Stage, settled } from './stage.js'

const redis = await requireService('redis')

redis.describe('two servers with the Redis adapter', () => {
  const stages: Stage[] = []

  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close()
  })

  async function open(config: Record<string, unknown> = {}): Promise<Stage> {
    const routing = { orders: 'userId' }
    const stage = await Stage.open({ routing, adapter: 'redis', redisUrl: redis.url, ...config })
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

  describe('on connections that fail', () => {
    let proxy: TcpProxy
    let redisUrl: string

    beforeAll(async () => {
      const { hostname, port } = new URL(redis.url)
      proxy = await TcpProxy.to({ host: hostname, port: Number(port) })
      redisUrl = `redis://127.0.0.1:${proxy.port}`
    })

    afterEach(() => proxy.restore())
    afterAll(() => proxy.close())

    it('while Redis is away, a server still serves its own sockets; afterwards those of the others again', async () => {
      const [one, other] = [await open({ redisUrl }), await open({ redisUrl })]
      const user = randomUUID()
      const here = await one.connected(`token-${user}`)
      const there = recorded(await other.connected(`token-${user}`))
      await proxy.break()
      for (const id of [1, 2]) {
        const change = once(here, 'changes')
        await one.write({ after: { id, userId: user } })
        expect((await change)[0]).toMatchObject({ data: { id } })
      }
      expect(one.lines.join()).toContain('Redis cannot be reached')
      await proxy.restore()
      await expect
        .poll(async () => {
          await one.write({ after: { id: 3, userId: user } })
          return there.map(([, { data }]) => data)
        })
        .toContainEqual({ id: 3, userId: user })
      expect(there.map(([, { data }]) => data)).not.toContainEqual({ id: 1, userId: user })
    })

    it.each(['psubscribe', 'subscribe'])('without an answer to %s it does not start', async (command) => {
      proxy.dropAnswersTo(`\r\n${command}\r\n`)
      const silent = open({ redisUrl, timeoutMs: 500 })
      await expect(silent).rejects.toMatchObject({ code: 'timeout' })
    })

    it('when the connection ends before Redis has answered, it does not start', async () => {
      proxy.dropAnswersTo('psubscribe')
      const opening = expect(open({ redisUrl })).rejects.toMatchObject({ code: 'connection' })
      await setTimeout(300)
      await proxy.break()
      await opening
    })
  })

  it('what the user may not do in Redis is said: subscribing when starting, publishing when there is something', async () => {
    const admin = createClient({ url: redis.url })
    await admin.connect()
    const { host } = new URL(redis.url)
    const user = `eds-scale-${process.pid}`
    const redisUrl = `redis://${user}:s3cret-pw@${host}`
    try {
      await admin.sendCommand(['ACL', 'SETUSER', user, 'on', '>s3cret-pw', '&*', '+@all', '-publish'])
      const stage = await open({ redisUrl })
      await stage.write({ after: { id: 1, userId: 'somebody' } })
      await expect.poll(() => stage.lines.join()).toMatch(/Redis refuses.*NOPERM/)
      expect(stage.lines.join()).not.toContain('s3cret-pw')
      await admin.sendCommand(['ACL', 'SETUSER', user, '-psubscribe'])
      await expect(open({ redisUrl })).rejects.toMatchObject({ code: 'authentication' })
    } finally {
      await admin.sendCommand(['ACL', 'DELUSER', user])
      await admin.close()
    }
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
