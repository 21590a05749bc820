import { decodeEvent, memoryState } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { connect, type NatsConnection } from 'nats'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type NatsRegistry, natsRegistry } from '../src/index.js'

const server = await requireService('nats')
const { signal } = new AbortController()
const sample = decodeEvent({
  position: '1',
  time: 1,
  bytes: Buffer.from(
    '{"operation":"INSERT","id":"1","table":"t","key":["r","1"],"modelVersion":"1","after":{},"timestamp":1,"mvccTimestamp":"1.0"}',
  ),
})

server.describe('schemas by NATS request', () => {
  let platform: NatsConnection
  let registry: NatsRegistry
  let table: string
  let asked: string[]
  beforeEach(async () => {
    platform = await connect({ servers: server.url })
    table = `registry_${Math.random().toString(36).slice(2)}`
    asked = []
  })
  afterEach(async () => {
    await registry.close()
    await platform.close()
  })
  const serve = (data: (version: string) => unknown) => {
    platform.subscribe(`schema.${table}.*`, {
      callback: (_, message) => {
        const version = message.subject.split('.').at(-1) ?? ''
        asked.push(`${version} ${message.string()}`)
        message.respond(JSON.stringify(data(version)))
      },
    })
    return platform.flush()
  }
  const schema = (version: string, name = table) => ({
    success: true,
    data: {
      table: name,
      modelVersion: version === 'latest' ? 'v2' : version,
      fields: [{ name: 'id', type: 'String', primary_key: true }],
    },
  })

  test('are asked for once, also across restarts', async () => {
    await serve(schema)
    const cache = memoryState()
    for (let run = 0; run < 2; run++) {
      registry = natsRegistry({ servers: server.url, cache })
      expect(await registry.get(table, 'v1', sample, signal)).toMatchObject({ table, modelVersion: 'v1' })
      await registry.get(table, 'v1', sample, signal)
      await registry.close()
    }
    expect(asked).toEqual(['v1 {}'])
  })

  test('are found in their latest version for the tables that are named', async () => {
    await serve(schema)
    registry = natsRegistry({ servers: server.url, tables: [table] })
    expect((await registry.latest(signal)).get(table)).toMatchObject({ modelVersion: 'v2' })
    expect(asked).toEqual(['latest {}'])
  })

  test('may not exist', async () => {
    await serve(() => ({ success: false, message: 'not found' }))
    registry = natsRegistry({ servers: server.url })
    expect(await registry.get(table, 'v1', sample, signal)).toBeUndefined()
  })

  test('are asked for again when nobody answered', async () => {
    registry = natsRegistry({ servers: server.url })
    const error = { code: 'connection', message: expect.stringContaining('nobody answers') }
    await expect(registry.get(table, 'v1', sample, signal)).rejects.toMatchObject(error)
    await serve(schema)
    expect(await registry.get(table, 'v1', sample, signal)).toBeDefined()
  })

  test('of another table, or version, are refused', async () => {
    await serve(() => schema('v9'))
    registry = natsRegistry({ servers: server.url })
    const error = { code: 'configuration', message: expect.stringContaining('in version "v9"') }
    await expect(registry.get(table, 'v1', sample, signal)).rejects.toMatchObject(error)
  })

  test.each(['a.b', '>', '*', ''])('are not asked for under other subjects: %j', async (name) => {
    registry = natsRegistry({ servers: server.url })
    await expect(registry.get(name, 'v1', sample, signal)).rejects.toMatchObject({ code: 'record' })
  })
})
