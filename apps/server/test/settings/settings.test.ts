import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readServerSettings } from '../../src/settings/server.js'
import { temporaryFolder } from '../eds.js'
import { commandCall } from './command-call.js'

interface Given {
  readonly options?: Readonly<Record<string, unknown>>
  readonly operands?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly config?: string
}

async function settingsOf({ options = {}, operands = [], environment = {}, config }: Given) {
  const workingDirectory = temporaryFolder()
  if (config !== undefined) {
    mkdirSync(join(workingDirectory, 'data'))
    writeFileSync(join(workingDirectory, 'data/config.toml'), config)
  }
  const call = commandCall({ options, operands, environment, workingDirectory })
  return { settings: await readServerSettings(call, { now: 10_000 }), workingDirectory, redactor: call.redactor }
}

const url = ['file:///a']

describe('readServerSettings', () => {
  it('fills in what is not given', async () => {
    const { settings, workingDirectory } = await settingsOf({ options: { url } })
    expect(settings).toMatchObject({
      dataDirectory: join(workingDirectory, 'data'),
      urls: [{ url: 'file:///a' }],
      source: { servers: ['nats://localhost:4222'], stream: 'dbchange', companyIds: [] },
      schema: { kind: 'inferred' },
      restart: false,
      onError: 'dead-letter',
      http: { port: 8080 },
      log: { level: 'info', format: 'human', timestamps: false, keepFiles: false },
      remarks: [],
    })
    expect(settings.start).toBeUndefined()
    expect(settings.lingerMs).toBeUndefined()
  })

  it('connects holders of credentials to the public servers', async () => {
    const { settings, workingDirectory } = await settingsOf({ options: { url, creds: 'my.creds' } })
    expect(settings.source).toMatchObject({
      servers: ['nats://connect.nats.shopmonkey.pub'],
      credentialsFile: join(workingDirectory, 'my.creds'),
    })
  })

  it('takes destinations from options and operands, before the configuration file', async () => {
    const config = 'url = "file:///configured"\nkeep_logs = true\ntoken = "t"\nserver_id = "s"\nother = 1\n'
    const configured = await settingsOf({ config })
    expect(configured.settings).toMatchObject({ urls: [{ url: 'file:///configured' }], log: { keepFiles: true } })
    const given = await settingsOf({ config, options: { url: ['one=file:///b'] }, operands: ['file:///c'] })
    expect(given.settings.urls).toEqual([{ name: 'one', url: 'file:///b' }, { url: 'file:///c' }])
  })

  it.each<[string, Given, number]>([
    ['the flag', { options: { url, port: '1', healthPort: '2' }, environment: { PORT: '3' } }, 1],
    ['the deprecated flag', { options: { url, healthPort: '2' }, environment: { PORT: '3' } }, 2],
    ['the environment', { options: { url }, environment: { PORT: '3' } }, 3],
    ['the default', { options: { url }, environment: { PORT: '' } }, 8080],
  ])('takes the port from %s', async (_where, given, port) => {
    const { settings } = await settingsOf(given)
    expect(settings.http.port).toBe(port)
  })

  it('warns of the deprecated port flag', async () => {
    const { settings } = await settingsOf({ options: { url, healthPort: '2' } })
    expect(settings.remarks).toEqual(['--health-port is deprecated: use --port'])
  })

  it('listens everywhere in a container, else where it is told', async () => {
    const container = await settingsOf({ options: { url }, environment: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } })
    expect(container.settings.http.host).toBe('0.0.0.0')
    const told = await settingsOf({ options: { url, host: '::1' }, environment: { container: 'podman' } })
    expect(told.settings.http.host).toBe('::1')
  })

  it.each([
    [{ minPendingLatency: '2s', maxPendingLatency: '30s' }, 2_000],
    [{ maxPendingLatency: '30s' }, 30_000],
    [{ minPendingLatency: '0' }, 0],
  ])('waits for a batch to fill only when told: %j', async (options, lingerMs) => {
    const { settings } = await settingsOf({ options: { url, ...options } })
    expect(settings.lingerMs).toBe(lingerMs)
  })

  it.each([
    [{ restart: true }, { at: 'beginning' }],
    [{ start: '1s' }, { at: 'time', time: 9_000 }],
    [{ from: 'beginning' }, { at: 'beginning' }],
  ])('begins where it is told: %j', async (options, start) => {
    const { settings } = await settingsOf({ options: { url, ...options } })
    expect(settings.start).toEqual(start)
  })

  it.each([
    ['schemas.json', { kind: 'file', path: expect.stringMatching(/\/schemas\.json$/) }],
    ['https://api.example.com', { kind: 'http', baseUrl: 'https://api.example.com' }],
    ['https://api.example.com/v3/schema', { kind: 'http', baseUrl: 'https://api.example.com' }],
  ])('finds schemas at %s', async (schema, expected) => {
    const { settings } = await settingsOf({ options: { url, schema } })
    expect(settings.schema).toEqual(expected)
  })

  it('splits lists of servers', async () => {
    const { settings } = await settingsOf({ options: { url, server: ['nats://a:1, nats://b:2', 'nats://c:3'] } })
    expect(settings.source.servers).toEqual(['nats://a:1', 'nats://b:2', 'nats://c:3'])
  })

  it('teaches the redactor the passwords of the destinations', async () => {
    const { redactor } = await settingsOf({ options: { url: ['postgres://eds:okapi-77@db/shop'] } })
    expect(redactor.mask('FATAL: wrong password okapi-77')).toBe('FATAL: wrong password ***')
  })
})
