import { memoryState } from '@eds/core'
import { expect, it } from 'vitest'
import { embeddedStorage, type SyncMessage } from '../src/index.js'
import { History } from './support/history.js'

/** Message texts with how often each occurs, in text order. */
function tally(messages: readonly SyncMessage[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const message of messages) {
    const text = JSON.stringify(message)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].sort(([left], [right]) => (left < right ? -1 : 1))
}

it('does in a thousand random lives what the plain model does', async () => {
  const totals = { messages: 0, again: 0, crashes: 0 }
  for (let seed = 1; seed <= 1_000; seed++) {
    const state = memoryState()
    const history = new History(seed, async () => embeddedStorage(state))
    await history.live(30)
    const { engine, model } = await history.end()
    expect(engine, `seed ${seed}`).toEqual(model)
    const sent = tally(history.sent)
    const expected = tally(history.model.messages)
    expect(
      sent.map(([text]) => text),
      `seed ${seed}`,
    ).toEqual(expected.map(([text]) => text))
    if (history.crashes === 0) expect(sent, `seed ${seed}`).toEqual(expected)
    totals.messages += history.model.messages.length
    totals.again += history.sent.length - history.model.messages.length
    totals.crashes += history.crashes
  }
  expect(totals.messages).toBeGreaterThan(2_000)
  expect(totals.again).toBeGreaterThan(0)
  expect(totals.crashes).toBeGreaterThan(1_000)
})
