import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { endpointOf } from './endpoint.js'
import { exchange } from './exchange.js'
import { aptInstaller } from './install.js'
import { findExecutable } from './machine.js'
import { runCommand } from './run-command.js'
import type { Endpoint, Instance, ProbeResult, ServiceDefinition } from './service-definition.js'

const user = 'eds'
const password = 'eds-test'
const sbin = ['/usr/sbin', '/usr/local/sbin']

/** MariaDB with a row-format binary log (its GTIDs are always on) and `LOAD DATA LOCAL`. */
export const mariadb: ServiceDefinition = {
  name: 'mariadb',
  title: 'MariaDB',
  environmentVariable: 'EDS_TEST_MARIADB_URL',
  required: true,
  port: 23306,
  url: (port) => `mysql://${user}:${password}@127.0.0.1:${port}/eds`,
  endpoint: (url) => endpointOf(url, ['mysql', 'mariadb'], 3306),
  probe,
  native: {
    find: () => (installTool() ? findExecutable('mariadbd', sbin) : undefined),
    installer: aptInstaller(['mariadb-server']),
    runAs: 'mysql',
    prepare,
    command: ({ executable, folder, port, extraArguments }) => ({
      file: executable,
      args: [
        ...['--no-defaults', ...folders(folder), `--socket=${join(folder, 'socket')}`],
        ...[`--port=${port}`, '--bind-address=127.0.0.1', '--skip-name-resolve'],
        ...[`--init-file=${initFile(folder)}`, `--pid-file=${join(folder, 'pid')}`],
        ...['--character-set-server=utf8mb4', '--collation-server=utf8mb4_general_ci'],
        ...['--local-infile=1', '--max-allowed-packet=64M', '--innodb-buffer-pool-size=1G'],
        ...['--server-id=1', '--log-bin=binlog', '--binlog-format=ROW', '--log-slave-updates'],
        // Old binary logs would fill the temporary folder of a machine that keeps the server running.
        '--binlog-expire-logs-seconds=86400',
        ...extraArguments,
      ],
    }),
    stopSignal: 'SIGTERM',
    startTimeoutMs: 60_000,
  },
}

function dataFolder(folder: string): string {
  return join(folder, 'data')
}

/** A server that starts deletes the temporary tables in its temporary folder, so that two must not share one. */
function folders(folder: string): readonly string[] {
  return [`--datadir=${dataFolder(folder)}`, `--tmpdir=${folder}`]
}

function initFile(folder: string): string {
  return join(folder, 'init.sql')
}

function installTool(): string | undefined {
  return findExecutable('mariadb-install-db', ['/usr/bin'])
}

async function prepare({ folder, user: runAs }: Instance): Promise<void> {
  await writeFile(initFile(folder), initStatements())
  const done = join(folder, 'initialised')
  if (existsSync(done)) return
  const data = dataFolder(folder)
  await rm(data, { recursive: true, force: true })
  const args = [
    ...['--no-defaults', ...folders(folder), '--skip-test-db', '--skip-name-resolve'],
    '--auth-root-authentication-method=socket',
  ]
  await runCommand(
    { file: installTool() ?? 'mariadb-install-db', args },
    { timeoutMs: 120_000, folder, ...(runAs ? { user: runAs } : {}) },
  )
  // Last: a data folder whose creation was cut short is made anew.
  await writeFile(done, '')
}

/** Run at every start of the server, one statement per line. */
function initStatements(): string {
  const accounts = ['%', 'localhost'].flatMap((host) => [
    `CREATE USER IF NOT EXISTS '${user}'@'${host}' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO '${user}'@'${host}' WITH GRANT OPTION;`,
  ])
  return [...accounts, 'CREATE DATABASE IF NOT EXISTS eds;', ''].join('\n')
}

/** The server speaks first: https://mariadb.com/kb/en/connection/#initial-handshake-packet */
async function probe(endpoint: Endpoint, timeoutMs: number): Promise<ProbeResult> {
  const complete = (received: Buffer) => received.length >= 4 && received.length >= 4 + received.readUIntLE(0, 3)
  const answer = await exchange(endpoint, { complete }, timeoutMs)
  if (!answer.connected) return { state: 'closed' }
  return classifyMariadbAnswer(answer.bytes)
}

/** The server's greeting → what it says about the server. */
export function classifyMariadbAnswer(bytes: Buffer): ProbeResult {
  if (bytes[4] !== 10) return { state: 'unsuitable', reason: 'what answers is not MariaDB' }
  const greeting = bytes.toString('latin1', 5, bytes.indexOf(0, 5))
  const version = /(\d+\.\d+\.\d+)-MariaDB/.exec(greeting)?.[1]
  return version
    ? { state: 'ready', version }
    : { state: 'unsuitable', reason: `what answers is MySQL ${greeting}, not MariaDB` }
}
