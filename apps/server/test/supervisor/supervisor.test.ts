import type { Clock } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { CommandFailure } from '../../src/exit-codes.js'
import type { HeldSession } from '../../src/session/session-keeper.js'
import type { NamedUrl } from '../../src/settings/sink-name.js'
import { Supervisor } from '../../src/supervisor/supervisor.js'
import type { InstalledVersion } from '../../src/supervisor/upgrader.js'
import type { WorkerOrder } from '../../src/worker/messages.js'

interface Plan {
  readonly urls?: readonly string[]
  readonly restartsWorker?: boolean
  /** Whether HQ hears of the end of a session. */
  readonly hears?: boolean
  /** Starts of the worker that fail. */
  readonly failedStarts?: number
  readonly import?: (backfill: boolean, signal: AbortSignal) => Promise<void>
  readonly refuses?: Error
  readonly pausedSince?: number
}

/** A supervisor among parts that only note what is asked of them; the clock does not wait. */
function supervised(plan: Plan = {}) {
  const { urls = ['file:///a'], restartsWorker = true, hears = true, refuses } = plan
  const done: string[] = []
  const warnings: string[] = []
  let sessions = 0
  let failures = plan.failedStarts ?? 0
  let current: HeldSession | undefined
  const note = (text: string) => void done.push(text)
  const clock: Clock = { now: () => 0, sleep: async (ms) => note(`wait ${ms}`) }
  const supervisor: Supervisor = new Supervisor(
    {
      sessions: {
        get current() {
          return current
        },
        open: async (driver) => {
          if (refuses) throw refuses
          current = { session: { id: `s${++sessions}` }, over: new AbortController() } as HeldSession
          note(`open ${driver?.url ?? 'nothing'}`)
        },
        end: async (errored) => {
          note(errored ? 'end errored' : 'end')
          return hears
        },
        leave: async (held) => {
          note(`leave ${held?.session.id}`)
          if (current === held) current = undefined
        },
        postpone: (ms) => note(`postpone ${ms}`),
        sendLog: async () => note('send log'),
      },
      workers: {
        start: async ({ settings }) => {
          note(`start ${settings.urls.map(({ url }) => url)}${settings.restart ? ' anew' : ''}`)
          if (failures-- > 0) throw new CommandFailure(1, 'did not come up')
        },
        stop: async () => note('stop'),
        pausedSince: plan.pausedSince,
      },
      room: { open: async () => note('open room'), close: async () => note('close room') },
      clock,
      logger: { debug() {}, info() {}, warn: (_, text) => warnings.push(text), error() {} },
      restartsWorker,
      order: (given, _session, isFirst) =>
        ({ settings: { urls: given, restart: isFirst } }) as unknown as Omit<WorkerOrder, 'isPaused'>,
      describe: async ({ url }: NamedUrl) => ({ id: 'd', name: 'D', description: '', url }),
      import: async (url, backfill, signal) => {
        note(`import ${url}${backfill ? '' : ' tables'}`)
        await plan.import?.(backfill, signal)
      },
      onStarted: () => note('started'),
    },
    urls.map((url) => ({ url })),
  )
  const signal = new AbortController()
  const seen = (text: string) => expect.poll(() => done, { interval: 5 }).toContain(text)
  /** What has happened since the last call. */
  const news = () => done.splice(0)
  return {
    supervisor,
    seen,
    news,
    warnings,
    stop: () => signal.abort(),
    run: () => supervisor.run(signal.signal),
    current: () => current,
  }
}

const crash = (ranMs = 0) => ({ exit: { code: 1, signal: null }, reason: 'broken', ranMs })
const begun = ['open room', 'open file:///a', 'start file:///a anew', 'started']

describe('Supervisor', () => {
  it('delivers until it is told to stop, and clears up', async () => {
    const { run, stop, news, seen } = supervised()
    const running = run()
    await seen('started')
    expect(news()).toEqual(begun)
    stop()
    expect(await running).toEqual({ exitCode: 0, errored: false })
    expect(news()).toEqual(['stop', 'end', 'leave s1', 'close room'])
  })

  it('waits for a destination, and for its import', async () => {
    const { supervisor, run, stop, news, seen } = supervised({ urls: [] })
    const running = run()
    await seen('started')
    expect(await supervisor.restart()).toBe(false)
    await expect(supervisor.import(true)).rejects.toThrow(/configure one first/)
    supervisor.configure('file:///b')
    expect(await supervisor.restart()).toBe(false)
    expect(news()).toEqual(['open room', 'open nothing', 'started'])
    await supervisor.import(false)
    expect(news()).toEqual(['stop', 'import file:///b tables', 'start file:///b anew', 'started'])
    stop()
    await running
  })

  it('tells what it waits for, and what failed', async () => {
    const imports: (() => Promise<void>)[] = [() => Promise.reject(new Error('broken')), async () => {}]
    const { supervisor, run, stop, seen } = supervised({ urls: [], import: async () => imports.shift()?.() })
    expect(supervisor.idleness.reason).toContain('no session')
    const running = run()
    await seen('started')
    expect(supervisor.idleness.reason).toContain('waiting for HQ to configure one')
    supervisor.configure('file:///b')
    expect(supervisor.idleness).toEqual({ status: 'waiting', reason: expect.stringContaining('to import into') })
    await expect(supervisor.import(true)).rejects.toThrow('broken')
    expect(supervisor.idleness).toEqual({ status: 'degraded', reason: expect.stringMatching(/import failed: broken;/) })
    await supervisor.import(true)
    expect(supervisor.idleness.status).toBe('waiting')
    stop()
    await running
  })

  it('warns when it ends while paused', async () => {
    const paused = supervised({ pausedSince: 5 })
    const running = paused.run()
    await paused.seen('started')
    paused.stop()
    await running
    expect(paused.warnings).toEqual([expect.stringContaining('was paused')])

    const { run, stop, seen, warnings } = supervised()
    const other = run()
    await seen('started')
    stop()
    await other
    expect(warnings).toEqual([])
  })

  it('goes on with what was delivered before when an import fails', async () => {
    const broken = async () => {
      throw new Error('broken')
    }
    const { supervisor, run, stop, news, seen } = supervised({ import: broken })
    const running = run()
    await seen('started')
    news()
    supervisor.configure('file:///b')
    await expect(supervisor.import(true)).rejects.toThrow('broken')
    expect(news()).toEqual(['stop', 'import file:///b', 'send log', 'start file:///a', 'started'])
    expect(supervisor.idleness.reason).toBe('the worker is being started')
    expect(await supervisor.restart()).toBe(true)
    expect(news()).toEqual(['stop', 'start file:///b', 'started'])
    stop()
    await running
  })

  it('reports a crash, and starts again with a new session', async () => {
    const { supervisor, run, stop, news, seen } = supervised()
    const running = run()
    await seen('started')
    news()
    supervisor.workerEnded(crash())
    await seen('leave s1')
    expect(news()).toEqual([
      'end errored',
      'wait 500',
      'open file:///a',
      'stop',
      'start file:///a',
      'started',
      'leave s1',
    ])
    stop()
    await running
  })

  it('starts again with the session it has when HQ does not hear of a crash', async () => {
    const { supervisor, run, stop, news, seen } = supervised({ hears: false })
    const running = run()
    await seen('started')
    news()
    supervisor.workerEnded(crash())
    await seen('started')
    expect(news()).toEqual(['end errored', 'wait 500', 'start file:///a', 'started'])
    stop()
    await running
  })

  it('gives up at the sixth crash', async () => {
    const { supervisor, run } = supervised()
    const running = run()
    for (let count = 0; count < 6; count++) supervisor.workerEnded(crash())
    expect(await running).toEqual({ exitCode: 1, errored: true })
  })

  it('gives up at the first when it is told to', async () => {
    const { supervisor, run, news } = supervised({ restartsWorker: false })
    const running = run()
    supervisor.workerEnded(crash())
    expect(await running).toEqual({ exitCode: 1, errored: true })
    expect(news().slice(-4)).toEqual(['stop', 'end errored', 'leave s1', 'close room'])
  })

  it.each([
    [
      { code: 0, signal: null },
      { exitCode: 0, errored: false },
    ],
    [
      { code: 3, signal: null },
      { exitCode: 3, errored: true },
    ],
  ])('ends as a worker that ended with %j', async (exit, outcome) => {
    const { supervisor, run } = supervised()
    const running = run()
    supervisor.workerEnded({ exit, reason: 'r', ranMs: 0 })
    expect(await running).toEqual(outcome)
  })

  it('begins a new session when NATS refuses the old one, once', async () => {
    const { supervisor, run, stop, news, seen, current } = supervised()
    const running = run()
    await seen('started')
    news()
    const held = current()!
    supervisor.workerEnded({ exit: { code: 5, signal: null }, reason: 'expired', ranMs: 0 })
    supervisor.lost(held, 'expired')
    await seen('leave s1')
    stop()
    await running
    expect(news().filter((text) => text.startsWith('open f'))).toHaveLength(1)
  })

  it('renews while the worker delivers, and puts it off while HQ is away', async () => {
    const first = supervised()
    const running = first.run()
    await first.seen('started')
    first.news()
    first.supervisor.renew(first.current()!)
    await first.seen('leave s1')
    expect(first.news()).toEqual(['end', 'open file:///a', 'stop', 'start file:///a', 'started', 'leave s1'])
    first.stop()
    await running

    const second = supervised({ hears: false })
    const alone = second.run()
    await second.seen('started')
    second.news()
    second.supervisor.renew(second.current()!)
    await second.seen('postpone 60000')
    expect(second.news()).toEqual(['end', 'postpone 60000'])
    second.stop()
    await alone
  })

  it('does not say that it works before the worker does', async () => {
    const { supervisor, run, stop, news, seen } = supervised({ failedStarts: 1 })
    const running = run()
    await seen('start file:///a anew')
    expect(news()).toEqual(begun.slice(0, -1))
    supervisor.workerEnded(crash())
    await seen('started')
    expect(news()).toContain('start file:///a anew')
    stop()
    await running
  })

  it('fails when HQ refuses the server', async () => {
    const { run, news } = supervised({ refuses: new CommandFailure(3, 'HQ refuses this server') })
    await expect(run()).rejects.toThrow('HQ refuses this server')
    expect(news()).toEqual(['open room', 'stop', 'leave undefined', 'close room'])
  })

  it('can run again when another version did not start', async () => {
    const next: InstalledVersion = { version: '9.9.9', run: async () => undefined }
    const { supervisor, run, stop, seen, news } = supervised()
    const running = run()
    await seen('started')
    supervisor.end({ next })
    expect(await running).toEqual({ exitCode: 0, errored: false, next })
    news()
    const again = run()
    await seen('started')
    expect(news()).toEqual(['open room', 'open file:///a', 'start file:///a', 'started'])
    stop()
    await again
  })
})
