import { type Clock, EdsError } from '@eds/core'
import type { Channel, HeartbeatState, NotificationHandlers } from '@eds/hq'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Session } from '../../src/session/session-desk.js'
import { SessionKeeper } from '../../src/session/session-keeper.js'

/** Sleepers by their time, woken by hand. */
function alarmClock() {
  const sleepers: { ms: number; wake: () => void }[] = []
  const clock: Clock = {
    now: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        signal?.addEventListener('abort', () => resolve(), { once: true })
        sleepers.push({ ms, wake: resolve })
      }),
  }
  const wake = (ms: number) => {
    for (const sleeper of sleepers) if (sleeper.ms === ms) sleeper.wake()
  }
  return { clock, wake, waits: () => sleepers.map(({ ms }) => ms) }
}

const hourMs = 3_600_000

async function kept() {
  const { clock, wake, waits } = alarmClock()
  const seen: string[] = []
  const note = (text: string) => void seen.push(text)
  let breakLine = (_error: EdsError) => {}
  const channel: Channel = {
    sessionId: 's1',
    send: (name) => note(`send ${name}`),
    announceLogs: () => {},
    closed: new Promise((resolve) => {
      breakLine = resolve
    }),
    close: async () => {},
  }
  const session: Session = { id: 's1', channel, close: async () => note('close') }
  let isRefusing = false
  const keeper = new SessionKeeper({
    desk: {
      open: async () => session,
      end: async (_session, errored) => {
        note(`end ${errored}`)
        return true
      },
      sendLog: async (_session, _signal, isAsked) => {
        note(`log ${isAsked ? 'asked' : 'unasked'}`)
        if (isRefusing) throw new EdsError('connection', 'away')
        return '/path'
      },
    },
    clock,
    logger: { debug() {}, info() {}, warn: (_fields, message) => note(message), error() {} },
    renewIntervalMs: 86_400_000,
    heartbeat: () => ({ metrics: {}, memory: {}, load: {} }) as HeartbeatState,
    handlers: () => ({}) as NotificationHandlers,
    onDue: () => note('due'),
    onLost: (_held, reason) => note(`lost: ${reason}`),
  })
  await keeper.open(undefined, new AbortController().signal)
  onTestFinished(() => keeper.leave(keeper.current))
  const refuse = () => {
    isRefusing = true
  }
  const sees = (text: string) => expect.poll(() => seen, { interval: 5 }).toContain(text)
  return { keeper, seen, sees, wake, waits, breakLine, refuse }
}

describe('SessionKeeper', () => {
  it('sends heartbeats and, every hour, the log', async () => {
    const { sees, wake, waits, refuse } = await kept()
    await sees('send heartbeat')
    wake(hourMs)
    await sees('log unasked')
    refuse()
    await expect.poll(() => waits().filter((ms) => ms === hourMs)).toHaveLength(2)
    wake(hourMs)
    await sees('the log was not uploaded: away')
  })

  it('says when another session is due, and again when that was put off', async () => {
    const { keeper, seen, sees, wake } = await kept()
    wake(86_400_000)
    await sees('due')
    seen.length = 0
    keeper.postpone(60_000)
    wake(60_000)
    await sees('due')
  })

  it('says when the line is gone for good', async () => {
    const { sees, breakLine } = await kept()
    breakLine(new EdsError('authentication', 'expired', { fix: 'renew' }))
    await sees('lost: expired: renew')
  })

  it('does nothing more for a session that was left', async () => {
    const { keeper, seen, wake, breakLine } = await kept()
    await keeper.leave(keeper.current)
    seen.length = 0
    breakLine(new EdsError('connection', 'closed'))
    wake(hourMs)
    wake(86_400_000)
    await keeper.sendLog()
    expect(await keeper.end(false, new AbortController().signal)).toBe(false)
    await expect(keeper.sendLogAsAsked()).rejects.toThrow(/no session/)
    expect(seen).toEqual([])
  })

  it('gives the path of a log that HQ asked for', async () => {
    const { keeper, seen } = await kept()
    expect(await keeper.sendLogAsAsked()).toBe('/path')
    expect(seen).toContain('log asked')
  })

  it('waits no longer than a timer can', async () => {
    const { keeper, waits } = await kept()
    keeper.postpone(Number.MAX_SAFE_INTEGER)
    expect(waits()).toContain(2 ** 31 - 1)
  })
})
