import { EdsError } from '@eds/core'
import type { SyncMessage } from '@eds/sync'
import { expect, test } from 'vitest'
import { SentMessages } from '../../src/sync/sent-messages.js'

const message: SyncMessage = { eventID: 'id', date: '', serviceName: 's', triggerType: 'window', events: {} }
const { signal } = new AbortController()
const forever = new Promise<void>(() => {})

/** A destination that fails as long as `down` says why. */
function destination() {
  const sent = new SentMessages()
  const state: { down?: EdsError } = {}
  const send = sent.observe(async () => {
    if (state.down) throw state.down
  })
  return { sent, state, send: (firing: string) => send(message, signal, firing) }
}

test('tells whoever asks before or after the message was sent', async () => {
  const { sent, send } = destination()
  const early = sent.outcome('w-1', forever)
  await send('w-1')
  await send('w-2')
  expect(await early).toEqual({ ok: true })
  expect(await sent.outcome('w-2', forever)).toEqual({ ok: true })
})

test('lets nobody wait while messages cannot be sent, and again once they can', async () => {
  const { sent, state, send } = destination()
  state.down = new EdsError('connection', 'down')
  const first = sent.outcome('w-1', forever)
  await expect(send('w-1')).rejects.toBe(state.down)
  const failed = { ok: false, error: state.down }
  expect(await first).toEqual(failed)
  expect(await sent.outcome('w-2', forever)).toEqual(failed)
  delete state.down
  await send('w-1')
  const waiting = sent.outcome('w-3', forever)
  await send('w-3')
  expect(await waiting).toEqual({ ok: true })
})

test('waits no longer than its patience lasts', async () => {
  const { sent } = destination()
  expect(await sent.outcome('w-1', Promise.resolve())).toBeUndefined()
})
