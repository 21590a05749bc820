import { execFile } from 'node:child_process'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startPostgres } from '@eds/tool-services'
import { requireExecutable } from '@eds/tool-services/vitest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configSchema, parseConfigUrl } from '../src/config.js'
import { Session } from '../src/session.js'
import { rejection } from './harness.js'

const run = promisify(execFile)
const never = new AbortController().signal
const executable = await requireExecutable('postgres')
const openssl = await run('openssl', ['version']).catch(() => undefined)

const title = 'TLS with a server whose certificate a private authority has signed'
if (openssl === undefined) describe.skip(`${title} [skipped: there is no openssl]`, () => {})
else executable.describe(title, () => tests())

function tests(): void {
  let folder = ''
  let server: Awaited<ReturnType<typeof startPostgres>>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eds-tls-'))
    await makeCertificates(folder)
    server = await startPostgres({
      args: ['-c', 'ssl=on', '-c', `ssl_cert_file=${folder}/server.pem`, '-c', `ssl_key_file=${folder}/server.key`],
    })
  })

  afterAll(async () => {
    await server?.remove()
    await rm(folder, { recursive: true, force: true })
  })

  async function isEncrypted(host: string, options: string): Promise<boolean> {
    const url = server.url.replace('127.0.0.1', host)
    const session = await Session.open(configSchema.parse(parseConfigUrl(`${url}?${options}`)), never)
    try {
      const [row] = await session.query<{ ssl: boolean }>(
        'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
        undefined,
        never,
      )
      return row?.ssl === true
    } finally {
      await session.close()
    }
  }

  const modes: readonly (readonly [host: string, options: () => string, encrypted: boolean])[] = [
    ['127.0.0.1', () => '', false],
    ['127.0.0.1', () => 'sslmode=disable', false],
    ['127.0.0.1', () => 'sslmode=allow', false],
    ['127.0.0.1', () => 'sslmode=prefer', true],
    ['127.0.0.1', () => 'sslmode=require', true],
    ['127.0.0.1', () => `sslmode=verify-ca&sslrootcert=${folder}/ca.pem`, true],
    ['localhost', () => `sslmode=verify-full&sslrootcert=${folder}/ca.pem`, true],
  ]

  it.each(modes)('%s with %s', async (host, options, encrypted) => {
    expect(await isEncrypted(host, options())).toBe(encrypted)
  })

  const refused: readonly (readonly [what: string, host: string, options: () => string])[] = [
    ['verify-ca without the authority', '127.0.0.1', () => 'sslmode=verify-ca'],
    ['verify-full without the authority', 'localhost', () => 'sslmode=verify-full'],
    ['verify-ca with another authority', '127.0.0.1', () => `sslmode=verify-ca&sslrootcert=${folder}/other.pem`],
    [
      'verify-full under a name that is not in the certificate',
      '127.0.0.1',
      () => `sslmode=verify-full&sslrootcert=${folder}/ca.pem`,
    ],
  ]

  it.each(refused)('refuses %s', async (_, host, options) => {
    expect(await rejection(isEncrypted(host, options()))).toMatchObject({
      code: 'configuration',
      fix: expect.stringContaining('sslrootcert'),
    })
  })
}

/** An authority, another one, and a server's certificate for the name `localhost`. */
async function makeCertificates(folder: string): Promise<void> {
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2']
  const authority = async (name: string) => {
    await run('openssl', [
      'req',
      '-x509',
      ...key,
      '-keyout',
      `${folder}/${name}.key`,
      '-out',
      `${folder}/${name}.pem`,
      '-subj',
      `/CN=${name}`,
    ])
  }
  await authority('ca')
  await authority('other')
  await run('openssl', [
    'req',
    ...key.slice(0, 3),
    '-keyout',
    `${folder}/server.key`,
    '-out',
    `${folder}/server.csr`,
    '-subj',
    '/CN=localhost',
  ])
  await writeFile(`${folder}/names`, 'subjectAltName=DNS:localhost')
  const signing = [
    '-CA',
    `${folder}/ca.pem`,
    '-CAkey',
    `${folder}/ca.key`,
    '-CAcreateserial',
    '-extfile',
    `${folder}/names`,
  ]
  await run('openssl', [
    'x509',
    '-req',
    '-in',
    `${folder}/server.csr`,
    '-days',
    '2',
    ...signing,
    '-out',
    `${folder}/server.pem`,
  ])
  await run('chmod', ['600', `${folder}/server.key`])
  await run('chmod', ['755', folder])
  if (process.getuid?.() === 0) await giveToServer([`${folder}/server.key`, `${folder}/server.pem`])
}

/** As root, the server runs as a user of its own, which has to own its key. */
async function giveToServer(files: readonly string[]): Promise<void> {
  const { stdout } = await run('id', ['-u', 'postgres'])
  for (const file of files) await chown(file, Number(stdout), -1)
}
