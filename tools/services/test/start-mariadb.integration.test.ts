import mysql from 'mysql2/promise'
import { afterEach, expect, test } from 'vitest'
import type { PrivateServer } from '../src/private-server.js'
import { startMariadb } from '../src/start-mariadb.js'
import { requireExecutable } from '../src/vitest.js'

const executable = await requireExecutable('mariadb')

executable.describe('a private MariaDB server', () => {
  let server: PrivateServer | undefined
  afterEach(() => server?.remove())

  async function run(text: string): Promise<unknown> {
    const connection = await mysql.createConnection(server?.url ?? '')
    const [rows] = await connection.query(text)
    await connection.end()
    return rows
  }

  test('keeps its data over a clean restart and a crash, and takes arguments', async () => {
    server = await startMariadb({ args: ['--binlog-row-metadata=FULL'] })
    await run('CREATE TABLE kept (id INT PRIMARY KEY)')
    await run('INSERT INTO kept VALUES (1)')
    await server.restart()
    await run('INSERT INTO kept VALUES (2)')
    await server.restart('SIGKILL')
    expect(await run('SELECT id FROM kept')).toEqual([{ id: 1 }, { id: 2 }])
    expect(await run('SELECT @@log_bin AS log, @@binlog_format AS format, @@binlog_row_metadata AS metadata')).toEqual([
      { log: 1, format: 'ROW', metadata: 'FULL' },
    ])
  })

  test('leaves the temporary tables of another one alone', async () => {
    server = await startMariadb()
    const connection = await mysql.createConnection(server.url)
    await connection.query('CREATE TEMPORARY TABLE kept (id INT) ENGINE = Aria')
    await (await startMariadb()).remove()
    await connection.query('DROP TABLE kept')
    await connection.end()
  })
})
