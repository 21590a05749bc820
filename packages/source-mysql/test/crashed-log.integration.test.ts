import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Logger } from '@eds/core'
import { type PrivateServer, startMariadb } from '@eds/tool-services'
import { requireExecutable } from '@eds/tool-services/vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MysqlOptions, mysql } from '../src/index.js'
import { brief, Taker } from './support/reading.js'
import { createTestDatabase, type TestDatabase } from './support/test-database.js'

const executable = await requireExecutable('mariadb')
const text = 'x'.repeat(4_000)
const events = { xid: 16, gtid: 162 }

executable.describe('a binary log that the server was killed in', () => {
  let server: PrivateServer
  beforeAll(async () => {
    server = await startMariadb()
  })
  afterAll(() => server.remove())

  describe.each<[title: string, tail: (transaction: Buffer[]) => Buffer]>([
    ['at the beginning of an event', (transaction) => Buffer.concat(transaction)],
    ['in the middle of an event', (transaction) => Buffer.concat(transaction).subarray(0, -100)],
    ['in the middle of the first event', ([begin]) => begin?.subarray(0, 20) ?? Buffer.alloc(0)],
  ])('%s', (_, tail) => {
    it.each<[title: string, options: Partial<MysqlOptions>]>([
      ['held', {}],
      ['too large to be held', { bufferBytes: 65_536 }],
    ])('what was rolled back is not delivered, and reading goes on: a transaction that is %s', async (_, options) => {
      const database = await createTestDatabase(server.url)
      await database.query('CREATE TABLE t (id INT PRIMARY KEY, a TEXT)')
      const { logger, lines } = recorder()
      const source = mysql({ ...database.options, mode: 'binlog', logger, ...options })
      const insert = (from: number) =>
        `BEGIN; ${Array.from({ length: 60 }, (_, index) => `INSERT INTO t VALUES (${from + index}, '${text}')`).join(';')}; COMMIT`
      let taker = await Taker.open(source)
      await database.query("INSERT INTO t VALUES (1, 'begin')")
      const [{ position: after } = { position: '' }] = await taker.deliveries(1)
      await taker.reader.close()
      await database.query(insert(100))

      const file = await newestFile(database)
      await server.kill()
      await appendFile(file, tail(lastTransaction(await readFile(file)).slice(0, -1)))
      await server.start()
      await database.reconnect()
      await database.query(insert(200))

      taker = await Taker.open(source, { after })
      const expected = [100, 200].flatMap((from) => Array.from({ length: 60 }, (_, index) => `I ${from + index}`))
      expect((await taker.events(120)).map(brief)).toEqual(expected)
      expect(lines.join('\n')).toMatch(
        /was cut off when the server was killed|left out what the server had rolled back/,
      )
      await taker.reader.close()
      await source.remove()
      await database.remove()
    })
  })
})

async function newestFile(database: TestDatabase): Promise<string> {
  const [folder] = await database.query<{ name: string }>('SELECT @@datadir AS name')
  const files = await database.query<{ Log_name: string }>('SHOW BINARY LOGS')
  return join(folder?.name ?? '', files.at(-1)?.Log_name ?? '')
}

/** The events of the last transaction, as they would stand behind it once more. */
function lastTransaction(log: Buffer): Buffer[] {
  const all: Buffer[] = []
  for (let at = 4; at < log.length; at += log.readUInt32LE(at + 9)) {
    all.push(Buffer.from(log.subarray(at, at + log.readUInt32LE(at + 9))))
  }
  const isOf = (type: number) => (event: Buffer) => event[4] === type
  const last = all.slice(all.findLastIndex(isOf(events.gtid)), all.findLastIndex(isOf(events.xid)) + 1)
  let end = log.length
  for (const event of last) {
    end += event.length
    event.writeUInt32LE(end, 13)
    event.writeUInt32LE(crc32(event.subarray(0, -4)), event.length - 4)
  }
  return last
}

function recorder(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = []
  const log = (_fields: object, message: string) => void lines.push(message)
  return { lines, logger: { debug: log, info: log, warn: log, error: log } }
}
