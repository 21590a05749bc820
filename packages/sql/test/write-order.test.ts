import { isEdsError } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { WriteOrder } from '../src/write-order.js'

const signal = new AbortController().signal

/** A task that the test ends. */
function controlled() {
  const state = { started: false, succeed: (_: string) => {}, fail: (_: Error) => {} }
  const act = () => {
    state.started = true
    return new Promise<string>((resolve, reject) => {
      state.succeed = resolve
      state.fail = reject
    })
  }
  return { state, act }
}

const isClean = (result: string) => result === 'clean'
const settled = (promise: Promise<unknown>) =>
  promise.then(String, (error: unknown) => (isEdsError(error) ? error.code : String(error)))
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

describe('write order', () => {
  it('lets a call act when those before it have gone well', async () => {
    const order = new WriteOrder('Model')
    const [first, second] = [controlled(), controlled()]
    const results = [order.run(first.act, isClean, signal), order.run(second.act, isClean, signal)]
    await nextTurn()
    expect([first.state.started, second.state.started]).toEqual([true, false])
    first.state.succeed('clean')
    await results[0]
    await nextTurn()
    expect(second.state.started).toBe(true)
    second.state.succeed('clean')
    expect(await Promise.all(results)).toEqual(['clean', 'clean'])
  })

  it.each(['rejects', 'reports failures'])(
    'fails all that wait when one %s, and starts anew after that',
    async (how) => {
      const order = new WriteOrder('Model')
      const calls = [controlled(), controlled(), controlled()]
      const results = calls.map(({ act }) => settled(order.run(act, isClean, signal)))
      await nextTurn()
      if (how === 'rejects') calls[0]!.state.fail(new Error('broken'))
      else calls[0]!.state.succeed('not clean')
      expect(await Promise.all(results)).toEqual([
        how === 'rejects' ? 'Error: broken' : 'not clean',
        'connection',
        'connection',
      ])
      expect(calls.slice(1).some(({ state }) => state.started)).toBe(false)
      expect(await order.run(async () => 'clean', isClean, signal)).toBe('clean')
    },
  )

  it('lets the caller go on at once from the rejection', async () => {
    const order = new WriteOrder('Model')
    const next = order
      .run(() => Promise.reject(new Error('broken')), isClean, signal)
      .catch(() => order.run(async () => 'clean', isClean, signal))
    expect(await next).toBe('clean')
  })

  it('fails a call at once whose signal aborts while it waits; the one behind it does not act', async () => {
    const order = new WriteOrder('Model')
    const [first, second, third] = [controlled(), controlled(), controlled()]
    const abort = new AbortController()
    const one = order.run(first.act, isClean, signal)
    const two = settled(order.run(second.act, isClean, abort.signal))
    const three = settled(order.run(third.act, isClean, signal))
    abort.abort()
    expect([await two, await three]).toEqual(['connection', 'connection'])
    first.state.succeed('clean')
    expect(await one).toBe('clean')
    expect(second.state.started || third.state.started).toBe(false)
  })

  it('waits for a call that is still open when one behind it has failed already', async () => {
    const order = new WriteOrder('Model')
    const [first, later] = [controlled(), controlled()]
    const one = order.run(first.act, isClean, signal)
    await settled(order.run(() => Promise.resolve('clean'), isClean, AbortSignal.abort()))
    const three = order.run(later.act, isClean, signal)
    await nextTurn()
    expect(later.state.started).toBe(false)
    first.state.succeed('clean')
    await one
    await nextTurn()
    later.state.succeed('clean')
    expect(await three).toBe('clean')
  })
})
