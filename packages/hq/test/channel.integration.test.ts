import { gzipSync } from 'node:zlib'
import { systemClock } from '@eds/core'
import { type HqSim, type HqSimOptions, startHqSim } from '@eds/tool-hq-sim'
import { requireExecutable } from '@eds/tool-services/vitest'
import { afterEach, expect, test } from 'vitest'
import {
  type Channel,
  hqApi,
  type NotificationHandlers,
  openChannel,
  readMachine,
  sendHeartbeats,
  systemInfo,
  systemStats,
} from '../src/index.js'
import { KeptLog } from './logger.js'

const nats = await requireExecutable('nats')
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const quiet: NotificationHandlers = {
  restart: async () => undefined,
  shutdown: async () => undefined,
  pause: async () => undefined,
  unpause: async () => undefined,
  upgrade: async () => 'installed',
  sendlogs: async () => '/logs/1',
  configure: async () => ({ maskedUrl: 'postgres://u:***@h/db' }),
  import: async () => undefined,
  driverconfig: async () => ({}),
  validate: async () => ({ url: 'file:///x' }),
}

async function openSim(
  handlers: Partial<NotificationHandlers> = {},
  options: HqSimOptions = {},
): Promise<{ sim: HqSim; channel: Channel; log: KeptLog }> {
  const sim = await startHqSim(options)
  closers.push(() => sim.close())
  const api = hqApi({ apiKey: sim.apiKey, version: '1.0.0', clock: systemClock })
  const info = systemInfo('eds', Date.now(), readMachine())
  const start = await api.startSession({ ...info, version: '1.0.0', serverId: sim.serverId })
  if (start.outcome === 'running') throw new Error(start.message)
  const log = new KeptLog()
  const channel = await openChannel({
    servers: sim.natsUrl,
    ...start,
    handlers: { ...quiet, ...handlers },
    logger: log,
  })
  closers.push(() => channel.close())
  return { sim, channel, log }
}

const answered = (sim: HqSim, name: string) =>
  sim.waitFor(name, () => sim.answers.find((answer) => answer.name === name))

nats.describe('the API and the channel, with only the rights of a session', () => {
  test('a whole life over HTTP', async () => {
    const sim = await startHqSim({})
    closers.push(() => sim.close())
    const open = (apiKey?: string) =>
      hqApi({ apiUrl: sim.url, ...(apiKey && { apiKey }), version: '1.0.0', clock: systemClock })
    const code = sim.newEnrollmentCode()
    const { token, serverId } = await open().enroll(code)
    expect(serverId).toBe(sim.serverId)
    await expect(open().enroll(code)).rejects.toThrow('not valid')
    const api = open(token)
    sim.failNext('startSession', 503)
    const start = await api.startSession({ ...systemInfo('eds', Date.now()), version: '1.0.0', serverId })
    if (start.outcome === 'running') throw new Error(start.message)
    sim.conflictNext()
    expect(await api.startSession({ ...systemInfo('eds', Date.now()), version: '1.0.0', serverId })).toMatchObject({
      outcome: 'running',
    })
    await api.uploadLog(await api.logUpload(start.sessionId), gzipSync('the log'))
    const end = await api.endSession(start.sessionId, { errored: true })
    await api.uploadLog(end.errorUrl ?? '', new Blob([new Uint8Array(gzipSync('the crash'))]))
    expect(sim.uploads.map(({ text, contentType }) => [text, contentType])).toEqual([
      ['the log', 'application/x-tgz'],
      ['the crash', 'application/x-tgz'],
    ])
    expect(sim.sessions[0]?.end?.errored).toBe(true)
  })

  test('answers by message, with headers, and pongs', async () => {
    const { sim, channel } = await openSim()
    await sim.ping()
    await sim.notify('upgrade', { version: 'v2' }, { encoding: 'msgpack' })
    const response = await answered(sim, 'upgrade-response')
    const { sessionId } = channel
    expect(response.data).toEqual({ success: true, message: 'installed', sessionId, version: 'v2' })
    expect(response.headers).toMatchObject({ 'content-encoding': 'msgpack', 'Nats-Msg-Id': expect.any(String) })
    expect((await answered(sim, 'upgrade-status')).data).toMatchObject({ sessionId, action: 'upgrade' })
    await sim.notify('sendlogs', undefined, { encoding: 'gzip/json' })
    expect((await answered(sim, 'sendlogs-response')).data).toEqual({ path: '/logs/1', sessionId })
    await sim.notify('pause')
    expect((await answered(sim, 'pause-response')).data).toEqual({ success: true, sessionId, action: 'pause' })
  })

  test('replies to requests', async () => {
    const fieldErrors = [{ field: 'Port', error: 'must be a number' }]
    const { sim, channel } = await openSim({ validate: async () => ({ message: 'wrong', fieldErrors }) })
    const { sessionId } = channel
    expect(await sim.request('configure', { url: 'postgres://u:p@h/db', backfill: true })).toEqual({
      success: true,
      maskedURL: 'postgres://u:***@h/db',
      sessionId,
      backfill: true,
    })
    expect(await sim.request('driverconfig')).toEqual({ drivers: {}, sessionId })
    expect(await sim.request('validate', { driver: 'file', config: {} })).toEqual({
      success: false,
      message: 'wrong',
      messsage: 'wrong',
      field_errors: fieldErrors,
      sessionId,
    })
    expect(await sim.request('configure', { url: 5 })).toMatchObject({ success: false, message: /data\.url/ })
  })

  test('survives what nobody should send, and handlers that fail', async () => {
    const { sim, log } = await openSim({
      restart: async () => {
        throw new Error('cannot reach postgres://u:hidden@h/db')
      },
    })
    await sim.notifyBytes('x', Buffer.from('{'))
    expect((await answered(sim, 'unknown-response')).data).toMatchObject({ success: false })
    await sim.notify('dance')
    expect((await answered(sim, 'dance-response')).data).toMatchObject({ success: false, action: 'dance' })
    await sim.notify('restart')
    expect((await answered(sim, 'restart-response')).data).toMatchObject({
      success: false,
      message: 'cannot reach postgres://u:***@h/db',
    })
    expect(JSON.stringify(log.lines)).toContain('dance')
    await sim.ping()
  })

  test('keeps order, and stays responsive during an import', async () => {
    let finish = () => {}
    const finished = new Promise<undefined>((resolve) => {
      finish = () => resolve(undefined)
    })
    const order: string[] = []
    const { sim } = await openSim({
      import: async () => {
        order.push('import')
        return finished
      },
      restart: async () => {
        order.push('restart')
        return undefined
      },
    })
    await sim.notify('import', { backfill: true })
    await answered(sim, 'import-status')
    await sim.notify('restart')
    await sim.ping()
    await sim.notify('sendlogs')
    await answered(sim, 'sendlogs-response')
    expect(order).toEqual(['import'])
    finish()
    await answered(sim, 'restart-response')
    expect(order).toEqual(['import', 'restart'])
  })

  test('says when it is gone for good', async () => {
    const { sim, channel } = await openSim({}, { credentialLifetimeMs: 2_000 })
    const reason = await channel.closed
    expect(reason).toMatchObject({ code: 'authentication' })
    expect(sim.secrets().filter((secret) => String(reason).includes(secret))).toEqual([])
  })

  test('sends heartbeats, and goes on after NATS was away', async () => {
    const { sim, channel, log } = await openSim()
    const stop = new AbortController()
    const metrics = { flushCount: 1, flushDuration: 2, processingDuration: 3, pendingEvents: 4, totalEvents: 5 }
    const read = () => ({ metrics, ...systemStats(), pausedSince: 1_700_000_000_000 })
    const beating = sendHeartbeats({
      channel,
      clock: systemClock,
      read,
      logger: log,
      signal: stop.signal,
      intervalMs: 200,
    })
    const [first, second] = await sim.waitFor('heartbeats', () => sim.heartbeats.length > 1 && sim.heartbeats)
    expect([first, second].map((beat) => beat?.data)).toMatchObject([
      { sessionId: channel.sessionId, offset: 0, stats: { metrics }, paused: new Date(1_700_000_000_000) },
      { offset: 1 },
    ])
    stop.abort()
    await beating
    await sim.restartNats()
    await log.seen('is back')
    expect(log.lines.filter(({ message }) => message.includes('is lost'))).toHaveLength(1)
    await sim.ping()
    await channel.close()
    expect(await channel.closed).toBeUndefined()
  })
})
