import { EdsError, memoryState, readSinkPosition, type Source, type StartAt, writeSinkPosition } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { Beginnings } from '../../src/host/beginnings.js'
import { idleSource } from '../../src/host/idle-source.js'
import { writeImportTime } from '../../src/host/import-times.js'
import { sinkStart } from '../../src/host/sink-options.js'

function spySource(forget: () => void = () => {}): { source: Source; calls: string[] } {
  const calls: string[] = []
  const source: Source = {
    ...idleSource(),
    open: async ({ cursor }) => {
      calls.push(`open ${cursor}`)
      return idleSource().open({ cursor, start: { at: 'resume' }, signal: new AbortController().signal })
    },
    forget: async (cursor) => {
      calls.push(`forget ${cursor}`)
      forget()
    },
  }
  return { source, calls }
}

const request = { start: { at: 'resume' } as StartAt, signal: new AbortController().signal }

describe('Beginnings', () => {
  it('makes the source forget the cursor once, before it is opened', async () => {
    const state = memoryState()
    const beginnings = new Beginnings(state)
    await writeSinkPosition(state, 'orders', { position: '42', time: 1 })
    await beginnings.beginAt('orders', { at: 'time', time: 7 })
    const { source, calls } = spySource()
    const guarded = beginnings.guard(source)
    await guarded.open({ cursor: 'orders', ...request })
    await guarded.open({ cursor: 'orders', ...request })
    await guarded.open({ cursor: 'others', ...request })
    expect(calls).toEqual(['forget orders', 'open orders', 'open orders', 'open others'])
    expect(await readSinkPosition(state, 'orders')).toBeUndefined()
    expect(await beginnings.startOf('orders')).toEqual({ at: 'time', time: 7 })
  })

  it('forgets again when forgetting failed, also in another run', async () => {
    const state = memoryState()
    await new Beginnings(state).beginAt('orders', { at: 'beginning' })
    let failures = 1
    const { source, calls } = spySource(() => {
      if (failures-- > 0) throw new EdsError('connection', 'away')
    })
    const open = () => new Beginnings(state).guard(source).open({ cursor: 'orders', ...request })
    await expect(open()).rejects.toThrow('away')
    await open()
    await open()
    expect(calls).toEqual(['forget orders', 'forget orders', 'open orders', 'open orders'])
  })
})

describe('sinkStart', () => {
  const settings = { onError: 'halt' } as const
  const start = async (state = memoryState(), given?: StartAt) =>
    sinkStart({ ...settings, ...(given && { start: given }) }, 'orders', state, new Beginnings(state))

  it('gives a new sink new events, and says that it is new', async () => {
    expect(await start()).toMatchObject({ isNew: true, options: { start: { at: 'now' }, onError: 'halt', stages: [] } })
  })

  it('is not new when it has a position, or was told where to begin', async () => {
    const state = memoryState()
    await writeSinkPosition(state, 'orders', { position: '42', time: 1 })
    expect((await start(state)).isNew).toBe(false)
    expect(await start(memoryState(), { at: 'beginning' })).toMatchObject({
      isNew: false,
      options: { start: { at: 'beginning' } },
    })
  })

  it('begins at the earliest import, and skips what each import brought', async () => {
    const state = memoryState()
    await writeImportTime(state, 'orders', 'order', 2_000)
    await writeImportTime(state, 'orders', 'user', 1_000)
    await writeImportTime(state, 'others', 'user', 1)
    const { isNew, options } = await start(state)
    expect(isNew).toBe(false)
    expect(options.start).toEqual({ at: 'time', time: 1_000 })
    const [stage] = options.stages ?? []
    const passes = (table: string, timestamp: number) => stage?.({ table, timestamp } as never) !== undefined
    expect([passes('order', 1_999), passes('order', 2_000), passes('user', 1_500), passes('user', 500)]).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('obeys a replay before anything else', async () => {
    const state = memoryState()
    await writeImportTime(state, 'orders', 'order', 2_000)
    await new Beginnings(state).beginAt('orders', { at: 'time', time: 5 })
    expect((await start(state, { at: 'beginning' })).options.start).toEqual({ at: 'time', time: 5 })
  })
})
