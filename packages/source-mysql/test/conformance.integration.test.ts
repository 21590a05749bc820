import { testSource } from '@eds/testkit'
import { type PrivateServer, startMariadb } from '@eds/tool-services'
import { requireExecutable, requireService } from '@eds/tool-services/vitest'
import { afterAll, beforeAll, expect } from 'vitest'
import { MessageTable } from './support/conformance.js'

const shared = await requireService('mariadb')
const executable = await requireExecutable('mariadb')

shared.describe('the contract of sources, by triggers', () => {
  const table = new MessageTable(() => shared.url, 'triggers')
  afterAll(() => table.remove())

  testSource({
    title: 'mysql by triggers',
    reset: async () => {
      await table.reset()
      await table.install()
    },
    publish: (messages) => table.publish(messages),
    create: () => table.create(),
    crash: (source) => table.crash(source),
    connection: table.connection,
    loseOldest: async (keep) => {
      const newest = '(SELECT MAX(sequence) FROM eds_outbox)'
      await table.database.query(`DELETE FROM eds_outbox WHERE sequence <= ${newest} - ?`, [keep])
    },
  })
})

/** On a server of its own, whose log holds nothing else and can be reset. */
executable.describe('the contract of sources, by binary log', () => {
  let server: PrivateServer
  beforeAll(async () => {
    server = await startMariadb()
  })
  const table = new MessageTable(() => server.url, 'binlog')
  afterAll(async () => {
    await table.remove()
    await server.remove()
  })
  const files = () => table.database.query<{ Log_name: string }>('SHOW BINARY LOGS')

  testSource({
    title: 'mysql by binary log',
    reset: async () => {
      await table.reset()
      await table.database.query('RESET MASTER')
    },
    /** Short streams are spread over files, five changes in each, so that some of them can be lost. */
    publish: async (messages) => {
      if (messages.length !== 20) return table.publish(messages)
      for (let from = 0; from < messages.length; from += 5) {
        await table.database.query('FLUSH BINARY LOGS')
        await table.publish(messages.slice(from, from + 5))
      }
    },
    create: () => table.create(),
    crash: (source) => table.crash(source),
    connection: table.connection,
    loseOldest: async (keep) => {
      expect(keep).toBe(5)
      await table.database.query('PURGE BINARY LOGS TO ?', [(await files()).at(-1)?.Log_name])
    },
    exceptions: {
      'gap: a position at the edge of what is left is none':
        'when the file of a position is gone, nothing proves that it was the last change in it',
    },
  })
})
