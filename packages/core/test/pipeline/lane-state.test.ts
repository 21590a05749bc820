import { describe, expect, it } from 'vitest'
import { memoryState, readSinkPosition, writeSinkPosition } from '../../src/index.js'
import { laneState } from '../../src/pipeline/lane-state.js'

describe('the place of a sink in the state', () => {
  it('is what was written', async () => {
    const state = memoryState()
    expect(await readSinkPosition(state, 'orders')).toBeUndefined()
    await writeSinkPosition(state, 'orders', { position: '0042', time: 7 })
    expect(await readSinkPosition(state, 'orders')).toEqual({ position: '0042', time: 7 })
    expect(await readSinkPosition(state, 'others')).toBeUndefined()
  })

  it('is forgotten together with the batch that was being written', async () => {
    const state = memoryState()
    await writeSinkPosition(state, 'orders', { position: '0042', time: 7 })
    await laneState(state, 'orders').write({ cut: '{"first":"0043","last":"0044"}' })
    await writeSinkPosition(state, 'orders', undefined)
    expect(await readSinkPosition(state, 'orders')).toBeUndefined()
    expect(await laneState(state, 'orders').get('cut')).toBeUndefined()
  })
})
