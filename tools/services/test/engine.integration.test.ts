import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'nats'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { restartService, serviceUrl, startService, stopService } from '../src/control.js'
import { down, status, up } from '../src/engine.js'
import { nats } from '../src/nats.js'
import { releasePort, reservePort } from '../src/port-reservation.js'
import { startNats } from '../src/private-server.js'
import { isRunning } from '../src/process-identity.js'
import { stopProcess } from '../src/server-process.js'
import type { ServiceDefinition } from '../src/service-definition.js'
import { instanceFolder, readState } from '../src/state.js'
import { requireExecutable } from '../src/vitest.js'

const executable = await requireExecutable('nats')

/** Returns how many messages the stream then has. */
async function publish(url: string): Promise<number> {
  const connection = await connect({ servers: url })
  const manager = await connection.jetstreamManager()
  await manager.streams.add({ name: 'kept', subjects: ['kept'] })
  const { seq } = await connection.jetstream().publish('kept')
  await connection.close()
  return seq
}

executable.describe('services on this machine', () => {
  let folder: string
  let service: ServiceDefinition

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eds-engine-'))
    const port = await reservePort(folder)
    // The shared server of the other tests must not notice this one.
    service = { ...nats, port, name: 'nats-engine-test', environmentVariable: 'EDS_ENGINE_TEST_URL' }
    vi.stubEnv('EDS_SERVICES_DIR', folder)
  })

  afterEach(() => down(service))

  afterAll(async () => {
    vi.unstubAllEnvs()
    await releasePort(service.port)
    await rm(folder, { recursive: true })
  })

  function processOf(): { readonly pid: number; readonly started: string } {
    const state = readState(service.name)
    if (state?.kind !== 'process') throw new Error('no process was started')
    return state.identity
  }

  /** The signal takes effect a little later than it is sent. */
  async function freeze(pid: number): Promise<void> {
    process.kill(pid, 'SIGSTOP')
    const endpoint = { host: '127.0.0.1', port: service.port }
    await expect.poll(async () => (await service.probe(endpoint, 200)).state).not.toBe('ready')
  }

  test('up starts it, status finds it, down ends it and its data', async () => {
    expect(await status(service)).toEqual({ state: 'missing', reason: `not running on port ${service.port}` })
    expect(await up(service)).toMatchObject({ state: 'up', url: `nats://127.0.0.1:${service.port}` })
    expect(await status(service)).toMatchObject({ state: 'up' })

    const server = processOf()
    expect(await down(service)).toBe(true)
    expect(isRunning(server)).toBe(false)
    expect(existsSync(instanceFolder(service.name))).toBe(false)
    expect(await status(service)).toMatchObject({ state: 'missing' })
    expect(await down(service)).toBe(false)
  })

  test('many at once start one server', async () => {
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => up(service)))
    expect(new Set(outcomes.map((outcome) => outcome.state))).toEqual(new Set(['up']))
    const server = processOf()
    await up(service)
    expect(processOf()).toEqual(server)
  })

  test('a restart keeps data and port, cleanly or by a crash', async () => {
    const url = await serviceUrl(service)
    if (url === undefined) throw new Error('no server')
    await publish(url)
    await restartService(service)
    await publish(url)
    const second = processOf()
    await restartService(service, 'SIGKILL')
    expect(isRunning(second)).toBe(false)
    await stopService(service)
    expect(await status(service)).toMatchObject({ state: 'missing' })
    await startService(service)
    await startService(service)
    expect(await publish(url)).toBe(3)
  })

  test('a server that we did not start is not stopped', async () => {
    await expect(stopService(service)).rejects.toThrow('was not started by services:up')
  })

  test('a server that died is started again', async () => {
    await up(service)
    const first = processOf()
    await stopProcess(first, 'SIGKILL')
    expect(await up(service)).toMatchObject({ state: 'up' })
    expect(processOf()).not.toEqual(first)
  })

  test('a server that hangs is replaced', async () => {
    await up(service)
    const first = processOf()
    await freeze(first.pid)
    const outcome = await up({ ...service, native: { ...service.native, startTimeoutMs: 2_000 } })
    expect(outcome).toMatchObject({ state: 'up' })
    expect(isRunning(first)).toBe(false)
  })

  test('a server that is only busy is waited for', async () => {
    await up(service)
    const first = processOf()
    await freeze(first.pid)
    let probes = 0
    const probe: ServiceDefinition['probe'] = async (...question) => {
      probes += 1
      // The first look finds it silent; while it is waited for, it comes back.
      if (probes === 2) process.kill(first.pid, 'SIGCONT')
      return service.probe(...question)
    }
    expect(await up({ ...service, probe })).toMatchObject({ state: 'up' })
    expect(processOf()).toEqual(first)
  })

  test('one that is named by the environment is used and left alone', async () => {
    const named = await startNats()
    vi.stubEnv('EDS_ENGINE_TEST_URL', named.url)
    expect(await up(service)).toEqual({ state: 'up', url: named.url, how: 'named by EDS_ENGINE_TEST_URL' })
    expect(await down(service)).toBe(false)
    expect(await status(service)).toMatchObject({ state: 'up' })

    await named.remove()
    expect(await up(service)).toEqual({
      state: 'missing',
      reason: 'EDS_ENGINE_TEST_URL names a server that does not answer',
    })
    vi.stubEnv('EDS_ENGINE_TEST_URL', undefined)
  })

  test('a server that does not start is explained by its log', async () => {
    const broken: ServiceDefinition = {
      ...service,
      native: { ...service.native, command: ({ executable: file }) => ({ file, args: ['-c', 'no-such-file'] }) },
    }
    const outcome = await up(broken)
    expect(outcome.state === 'missing' && outcome.reason).toContain('open no-such-file: no such file')
  })
})
