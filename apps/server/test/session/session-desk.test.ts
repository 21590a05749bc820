import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Clock, EdsError } from '@eds/core'
import type { Channel, ChannelOptions, HqApi, NotificationHandlers, SessionStart, SystemInfo } from '@eds/hq'
import { describe, expect, it } from 'vitest'
import { Redactor } from '../../src/redactor.js'
import { LogCourier } from '../../src/session/log-courier.js'
import { SessionDesk } from '../../src/session/session-desk.js'
import { temporaryFolder } from '../eds.js'

const creds = '-----BEGIN NATS USER JWT-----\neyJhbGciOiJub25lIn0.abcdefghijkl.x\n------END NATS USER JWT------\n'
const started: SessionStart = { outcome: 'started', sessionId: 's1', credentials: creds }
const away = new EdsError('connection', 'HQ is away')
const handlers = {} as NotificationHandlers
const noSignal = new AbortController().signal

interface Plan {
  readonly starts?: readonly (SessionStart | EdsError)[]
  readonly channels?: readonly (EdsError | undefined)[]
  readonly end?: EdsError
}

/** A desk whose HQ and NATS answer as planned, one after the other; the clock does not wait. */
function deskWith({ starts = [started], channels = [undefined], end }: Plan) {
  const folder = temporaryFolder()
  const seen = { waits: [] as number[], logs: [] as string[], ended: [] as boolean[], announced: [] as string[] }
  const uploads: { url: string; text: string }[] = []
  const answers = [...starts]
  const lines = [...channels]
  const clock: Clock = {
    now: () => 0,
    sleep: async (ms) => void seen.waits.push(ms),
  }
  const log = (_fields: object, message: string) => void seen.logs.push(message)
  const api = {
    startSession: async () => {
      const answer = answers.shift()
      if (answer === undefined || answer instanceof EdsError) throw answer
      return answer
    },
    endSession: async (_id: string, { errored }: { errored: boolean }) => {
      seen.ended.push(errored)
      if (end) throw end
      return { url: 'https://logs/end?token=1', errorUrl: 'https://logs/error?token=1' }
    },
    logUpload: async () => 'https://logs/now?token=1',
    uploadLog: async (url: string, body: Uint8Array | Blob) => {
      const bytes = body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : body
      uploads.push({ url, text: gunzipSync(bytes).toString() })
    },
  } as unknown as HqApi
  const openChannel = async ({ sessionId }: ChannelOptions): Promise<Channel> => {
    const refusal = lines.shift()
    if (refusal) throw refusal
    const announceLogs = (path: string) => void seen.announced.push(path)
    return { sessionId, send: () => {}, announceLogs, closed: new Promise(() => {}), close: async () => {} }
  }
  const logFile = join(folder, 'eds.log')
  writeFileSync(logFile, 'a line\n')
  const redactor = new Redactor()
  const desk = new SessionDesk({
    api,
    hastyApi: api,
    openChannel,
    serverId: 'srv',
    natsServers: ['nats://localhost'],
    dataDirectory: folder,
    systemInfo: () => ({ hostname: 'h' }) as SystemInfo,
    courier: new LogCourier(api, () => logFile),
    clock,
    logger: { debug: log, info: log, warn: log, error: log },
    redactor,
  })
  return { desk, folder, seen, uploads, redactor }
}

describe('SessionDesk', () => {
  it('keeps the credentials private while the session lasts', async () => {
    const { desk, folder, redactor } = deskWith({})
    mkdirSync(join(folder, 'sessions/left-behind'), { recursive: true })
    const session = await desk.open(undefined, handlers, noSignal)
    const file = session.credentialsFile ?? ''
    expect(readFileSync(file, 'utf8')).toBe(creds)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700)
    expect(existsSync(join(folder, 'sessions/left-behind'))).toBe(false)
    expect(redactor.mask('token eyJhbGciOiJub25lIn0.abcdefghijkl.x!')).toBe('token ***!')
    await session.close()
    expect(existsSync(dirname(file))).toBe(false)
  })

  it.each<[string, Plan, readonly number[], RegExp]>([
    [
      'another server runs',
      { starts: [{ outcome: 'running', message: 'm' }, started] },
      [5_000],
      /running already: trying again in 5 s/,
    ],
    ['HQ is away', { starts: [away, away, started] }, [5_000, 10_000], /cannot be reached, trying again in 10 s/],
    ['NATS is away', { channels: [away, away, undefined] }, [5_000, 5_000], /NATS cannot be reached/],
  ])('tries again while %s', async (_what, plan, waits, message) => {
    const { desk, seen } = deskWith(plan)
    expect((await desk.open(undefined, handlers, noSignal)).id).toBe('s1')
    expect(seen.waits).toEqual(waits)
    expect(seen.logs.join('\n')).toMatch(message)
    expect(seen.ended).toEqual([])
  })

  it('begins anew when NATS refuses the credentials of a session', async () => {
    const refused = new EdsError('authentication', 'refused')
    const { desk, seen } = deskWith({
      starts: [started, { ...started, sessionId: 's2' }],
      channels: [refused, undefined],
    })
    expect((await desk.open(undefined, handlers, noSignal)).id).toBe('s2')
    expect(seen.ended).toEqual([true])
  })

  it('gives up when HQ refuses the server', async () => {
    const { desk } = deskWith({ starts: [new EdsError('authentication', 'unknown key', { fix: 'enroll again' })] })
    await expect(desk.open(undefined, handlers, noSignal)).rejects.toMatchObject({
      exitCode: 3,
      message: 'HQ refuses this server: unknown key: enroll again',
    })
  })

  it('refuses a session id that leads out of its folder', async () => {
    const { desk, seen } = deskWith({ starts: [{ ...started, sessionId: '../../up' }] })
    await expect(desk.open(undefined, handlers, noSignal)).rejects.toThrow(/cannot be the name of a folder/)
    expect(seen.ended).toEqual([true])
  })

  it.each([
    [false, 'https://logs/end?token=1', '/end'],
    [true, 'https://logs/error?token=1', '/error'],
  ])('uploads the log at the end (failed: %s) and tells where it is', async (errored, url, path) => {
    const { desk, seen, uploads } = deskWith({})
    const session = await desk.open(undefined, handlers, noSignal)
    expect(await desk.end(session, errored, noSignal)).toBe(true)
    expect(uploads).toEqual([{ url, text: 'a line\n' }])
    expect(seen.announced).toEqual([path])
  })

  it('says when HQ does not hear of the end', async () => {
    const { desk, uploads } = deskWith({ end: away })
    const session = await desk.open(undefined, handlers, noSignal)
    expect(await desk.end(session, false, noSignal)).toBe(false)
    expect(uploads).toEqual([])
  })

  it('announces a log only when nobody asked for it', async () => {
    const { desk, seen } = deskWith({})
    const session = await desk.open(undefined, handlers, noSignal)
    expect(await desk.sendLog(session, noSignal, true)).toBe('/now')
    expect(seen.announced).toEqual([])
    await desk.sendLog(session, noSignal, false)
    expect(seen.announced).toEqual(['/now'])
  })
})
