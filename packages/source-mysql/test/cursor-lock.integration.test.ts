import { TcpProxy } from '@eds/testkit'
import { requireService } from '@eds/tool-services/vitest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type MysqlOptions, type MysqlSource, mysql } from '../src/index.js'
import { brief, Taker } from './support/reading.js'
import { createTestDatabase, type TestDatabase } from './support/test-database.js'

const server = await requireService('mariadb')
const inUse = { code: 'connection', message: expect.stringContaining('another reader uses the cursor "test"') }

server.describe('a cursor with a reader', () => {
  describe.each(['triggers', 'binlog'] as const)('by %s', (mode) => {
    let database: TestDatabase
    const sources: MysqlSource[] = []
    const make = (options: MysqlOptions = {}) => {
      const source = mysql({ ...database.options, mode, takeoverMs: 0, ...options })
      sources.push(source)
      return source
    }
    beforeEach(async () => {
      database = await createTestDatabase(server.url)
      await database.query('CREATE TABLE item (id INT PRIMARY KEY)')
    })
    afterEach(async () => {
      for (const source of sources.splice(0)) await source.close()
      await database.remove()
    })

    it('is not given to another one, until it lets go', async () => {
      const taker = await Taker.open(make())
      await expect(Taker.open(make())).rejects.toMatchObject(inUse)
      await Taker.open(make(), { cursor: 'another' })
      const waiting = Taker.open(make({ takeoverMs: 30_000 }))
      await taker.reader.close()
      await waiting
    })

    it('loses nothing to whoever forgets it or removes the capture', async () => {
      const taker = await Taker.open(make())
      const other = make()
      await expect(other.forget('test')).rejects.toMatchObject(inUse)
      await expect(other.remove()).rejects.toMatchObject(inUse)
      await database.query('INSERT INTO item VALUES (1)')
      expect((await taker.events(1)).map(brief)).toEqual(['I 1'])
      await taker.reader.close()
      await other.forget('test')
      await other.remove()
    })

    it('is free again when the connection of its reader is gone', async () => {
      const { host = '', port = 0 } = database.options
      const proxy = await TcpProxy.to({ host, port })
      await Taker.open(make({ host: '127.0.0.1', port: proxy.port }))
      await proxy.break()
      await Taker.open(make({ takeoverMs: 30_000 }))
    })
  })

  it('two databases may have cursors of one name', async () => {
    const databases = [await createTestDatabase(server.url), await createTestDatabase(server.url)]
    for (const database of databases) {
      await database.query('CREATE TABLE item (id INT PRIMARY KEY)')
      await Taker.open(mysql({ ...database.options, mode: 'triggers', takeoverMs: 0 }))
    }
    for (const database of databases) await database.remove()
  })
})
