import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { endpointOf } from './endpoint.js'
import { exchange } from './exchange.js'
import { aptInstaller } from './install.js'
import { findExecutable, isExecutable } from './machine.js'
import { runCommand } from './run-command.js'
import type { Endpoint, Instance, ProbeResult, ServiceDefinition } from './service-definition.js'

const user = 'postgres'
const password = 'eds-test'
const debianRoot = '/usr/lib/postgresql'

/** PostgreSQL with logical decoding; `fsync` and everything else as packaged. */
export const postgres: ServiceDefinition = {
  name: 'postgres',
  title: 'PostgreSQL',
  environmentVariable: 'EDS_TEST_POSTGRES_URL',
  required: true,
  port: 25432,
  url: (port) => `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
  endpoint: (url) => endpointOf(url, ['postgres', 'postgresql'], 5432),
  probe,
  native: {
    find,
    installer: aptInstaller(['postgresql']),
    runAs: 'postgres',
    prepare,
    command: ({ executable, folder, port, extraArguments }) => ({
      file: executable,
      args: [
        ...['-D', dataFolder(folder), '-p', String(port)],
        ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
        ...['-c', 'wal_level=logical'],
        ...extraArguments,
      ],
    }),
    // "Fast" shutdown: ends sessions instead of waiting for them.
    stopSignal: 'SIGINT',
    startTimeoutMs: 60_000,
  },
}

function dataFolder(folder: string): string {
  return join(folder, 'data')
}

/** Debian keeps each major version in a folder of its own, out of PATH. */
function find(): string | undefined {
  const majors = existsSync(debianRoot) ? readdirSync(debianRoot) : []
  const newestFirst = majors.sort((a, b) => Number(b) - Number(a)).map((major) => join(debianRoot, major, 'bin'))
  const found = findExecutable('postgres', newestFirst)
  if (!found) return undefined
  // initdb lives next to the real file, not necessarily next to a link to it.
  const executable = realpathSync(found)
  return isExecutable(join(dirname(executable), 'initdb')) ? executable : undefined
}

async function prepare({ executable, folder, user: runAs }: Instance): Promise<void> {
  const data = dataFolder(folder)
  if (existsSync(join(data, 'initialised'))) return
  await rm(data, { recursive: true, force: true })
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, `${password}\n`)
  const args = [
    ...['-D', data, '--username', user, '--pwfile', passwordFile],
    ...['--auth-local', 'reject', '--auth-host', 'scram-sha-256', '--encoding', 'UTF8', '--no-locale', '--no-sync'],
  ]
  await runCommand(
    { file: join(dirname(executable), 'initdb'), args },
    { timeoutMs: 120_000, folder, ...(runAs ? { user: runAs } : {}) },
  )
  // Last: a data folder whose initdb was cut short is made anew.
  await writeFile(join(data, 'initialised'), '')
}

/**
 * A start-up packet (https://www.postgresql.org/docs/current/protocol-message-formats.html): `R` asks for
 * authentication, so the server is ready; an error with SQLSTATE 57P03 means it is still starting or recovering.
 */
async function probe(endpoint: Endpoint, timeoutMs: number): Promise<ProbeResult> {
  const complete = (received: Buffer) => received.length >= 5 && received.length > received.readUInt32BE(1)
  const answer = await exchange(endpoint, { send: startupPacket(), complete }, timeoutMs)
  if (!answer.connected) return { state: 'closed' }
  return classifyPostgresAnswer(answer.bytes)
}

/** The server's first message → what it says about the server. */
export function classifyPostgresAnswer(bytes: Buffer): ProbeResult {
  const kind = String.fromCharCode(bytes[0] ?? 0)
  if (kind === 'R') return { state: 'ready' }
  if (kind === 'E' && bytes.includes('C57P03\0')) return { state: 'starting' }
  // Classes 28 and 3D: it knows no such user or database as this probe's, which says nothing about the tests' own.
  if (kind === 'E' && /\0C(28|3D)/.test(bytes.toString('latin1'))) return { state: 'ready' }
  if (kind === 'E' && bytes.includes('SFATAL\0')) {
    return { state: 'unsuitable', reason: 'PostgreSQL answers, but takes no connections' }
  }
  return { state: 'unsuitable', reason: 'what answers is not PostgreSQL' }
}

function startupPacket(): Buffer {
  const body = Buffer.from(`\0\x03\0\0user\0${user}\0database\0postgres\0\0`, 'latin1')
  const packet = Buffer.alloc(4 + body.length)
  packet.writeUInt32BE(packet.length, 0)
  body.copy(packet, 4)
  return packet
}
