import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '@eds/core'
import { expect, it } from 'vitest'
import { StallWatch } from '../src/stall-watch.js'

/** A clock that moves by hand, a heartbeat at a time. */
function handClock() {
  let time = 0
  let wake = () => {}
  const clock: Clock = {
    now: () => time,
    sleep: () =>
      new Promise((resolve) => {
        wake = resolve
      }),
  }
  const beat = async () => {
    time += 100
    wake()
    await turn()
  }
  return { clock, beat }
}

function watched() {
  const { clock, beat } = handClock()
  const state = { isConnected: true, isWaiting: true, stalls: 0, unreachable: 0 }
  const watch = new StallWatch({
    clock,
    heartbeatMs: 100,
    patienceMs: 250,
    signal: new AbortController().signal,
    isConnected: () => state.isConnected,
    isWaiting: () => state.isWaiting,
    onStall: () => state.stalls++,
    onUnreachable: () => state.unreachable++,
  })
  const beats = async (count: number) => {
    for (let i = 0; i < count; i++) await beat()
  }
  return { watch, state, beats }
}

it('calls an open request stalled after three silent heartbeats', async () => {
  const { state, beats } = watched()
  await beats(2)
  expect(state.stalls).toBe(0)
  await beats(1)
  expect(state.stalls).toBe(1)
})

it('counts anew after a sign of life', async () => {
  const { watch, state, beats } = watched()
  await beats(2)
  watch.alive()
  await beats(2)
  expect(state.stalls).toBe(0)
})

it('expects nothing while no request is open', async () => {
  const { state, beats } = watched()
  state.isWaiting = false
  await beats(10)
  expect(state.stalls).toBe(0)
})

it('gives up on a connection that stays away, and counts anew when it was back', async () => {
  const { state, beats } = watched()
  state.isConnected = false
  await beats(3)
  expect(state).toMatchObject({ stalls: 0, unreachable: 0 })
  state.isConnected = true
  await beats(1)
  state.isConnected = false
  await beats(3)
  expect(state.unreachable).toBe(0)
  await beats(1)
  expect(state.unreachable).toBe(1)
})
