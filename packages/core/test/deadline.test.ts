import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { withDeadline } from '../src/index.js'

const never = () => new Promise<never>(() => {})

describe('withDeadline', () => {
  afterEach(() => vi.useRealTimers())

  it('settles as the work does, and leaves nothing behind', async () => {
    vi.useFakeTimers()
    const { signal } = new AbortController()
    const giveUp = vi.fn()
    const deadline = { signal, timeoutMs: 60_000, what: 'here', giveUp }
    expect(await withDeadline(async () => 'done', deadline)).toBe('done')
    await expect(withDeadline(() => Promise.reject(new Error('broken')), deadline)).rejects.toThrow('broken')
    const throws = () => {
      throw new Error('at once')
    }
    await expect(withDeadline(throws, deadline)).rejects.toThrow('at once')
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
    expect(giveUp).not.toHaveBeenCalled()
  })

  it('gives up when the signal aborts', async () => {
    const closing = new AbortController()
    const giveUp = vi.fn()
    const waiting = withDeadline(never, { signal: closing.signal, what: 'here', giveUp })
    closing.abort()
    await expect(waiting).rejects.toMatchObject({
      code: 'connection',
      message: 'here: given up, the caller no longer waits',
    })
    expect(giveUp).toHaveBeenCalledOnce()
  })

  it('gives up when it takes too long, and says what to do', async () => {
    const { signal } = new AbortController()
    const giveUp = vi.fn()
    const waiting = withDeadline(never, { signal, timeoutMs: 5, what: 'here', fix: 'wait longer', giveUp })
    await expect(waiting).rejects.toMatchObject({
      code: 'timeout',
      message: 'here: no answer within 5 ms',
      fix: 'wait longer',
    })
    expect(giveUp).toHaveBeenCalledOnce()
  })

  it('does not begin when the signal has aborted', async () => {
    const work = vi.fn(never)
    await expect(withDeadline(work, { signal: AbortSignal.abort(), what: 'here' })).rejects.toThrow('here: given up')
    expect(work).not.toHaveBeenCalled()
  })

  it('what was given up may still fail', async () => {
    let fail = (_: Error) => {}
    const work = () => new Promise<never>((_, reject) => (fail = reject))
    const { signal } = new AbortController()
    await expect(withDeadline(work, { signal, timeoutMs: 1, what: 'here' })).rejects.toThrow('no answer')
    // An unhandled rejection would fail the run.
    fail(new Error('too late'))
    await new Promise(setImmediate)
  })
})
