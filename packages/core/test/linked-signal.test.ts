import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { withSignals } from '../src/index.js'

const never = new AbortController().signal

it.each([0, 1])('aborts with signal %i, for its reason', async (index) => {
  const controllers = [new AbortController(), new AbortController()]
  const reason = new Error('enough')
  const signals = controllers.map(({ signal }) => signal)
  const seen = await withSignals(signals, async (linked) => {
    expect(linked.aborted).toBe(false)
    controllers[index]?.abort(reason)
    controllers[1 - index]?.abort(new Error('later'))
    return linked.reason
  })
  expect(seen).toBe(reason)
})

it('is aborted from the start when one of them is', async () => {
  expect(await withSignals([never, AbortSignal.abort('before')], async ({ reason }) => reason)).toBe('before')
})

it('settles as the work does', async () => {
  expect(await withSignals([never], async () => 'done')).toBe('done')
  const failing = withSignals([never], () => {
    throw new Error('at once')
  })
  await expect(failing).rejects.toThrow('at once')
})

it('leaves nothing with the given signals, however often it is called and however it ends', async () => {
  const { signal } = new AbortController()
  const other = new AbortController().signal
  for (let call = 0; call < 1_000; call++) {
    const work = withSignals([signal, other], async () => {
      expect(getEventListeners(signal, 'abort')).toHaveLength(1)
      if (call % 2 === 1) throw new Error('failed')
    })
    await work.catch(() => {})
  }
  expect(getEventListeners(signal, 'abort')).toEqual([])
  expect(getEventListeners(other, 'abort')).toEqual([])
})

it('the linked signal no longer hears of the given ones when the work is over', async () => {
  const controller = new AbortController()
  const linked = await withSignals([controller.signal], async (signal) => signal)
  controller.abort()
  expect(linked.aborted).toBe(false)
})
