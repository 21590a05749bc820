import { EventEmitter } from 'node:events'
import type { Socket } from 'socket.io'
import { describe, expect, it } from 'vitest'
import { Outbox } from '../src/delivery/outbox.js'

const mebibyte = 2 ** 20

/** A connection whose transport takes a flush at a time, and what its outbox tells. */
function connect(maxBytes: number) {
  const transport = new EventEmitter()
  const connection = Object.assign(new EventEmitter(), { transport })
  const told: string[] = []
  let round = 0
  const outbox = new Outbox(connection as unknown as Socket['conn'], maxBytes, {
    get round() {
      return round
    },
    behind: () => told.push('behind'),
    full: () => told.push('full'),
    empty: () => told.push('empty'),
  })
  return {
    outbox,
    told,
    /** Two events of the same size, as each change is. */
    change: (bytes: number) => {
      round++
      for (let event = 0; event < 2; event++) connection.emit('packetCreate', { data: new Uint8Array(bytes) })
    },
    flush: () => connection.emit('flush'),
    drain: () => transport.emit('drain'),
  }
}

describe('an outbox', () => {
  it('holds one change of any size, wherever in a burst it comes', () => {
    const { change, flush, told } = connect(8 * mebibyte)
    for (let id = 0; id < 250; id++) change(1_000)
    flush()
    change(9 * mebibyte)
    for (let id = 0; id < 250; id++) change(1_000)
    expect(told).toEqual([])
  })

  it('is full when a second change larger than it waits', () => {
    const { change, told } = connect(8 * mebibyte)
    change(9 * mebibyte)
    change(9 * mebibyte)
    expect(told).toEqual([])
    change(1)
    expect(told).toEqual(['behind', 'full'])
  })

  it('is full when many small changes wait', () => {
    const { change, outbox, told } = connect(100_000)
    while (!told.includes('full')) change(1_000)
    expect(outbox.bytes).toBe(104_000)
  })

  it('forgets a large change that was sent', () => {
    const { change, drain, flush, outbox, told } = connect(100_000)
    change(mebibyte)
    flush()
    change(1_000)
    drain()
    while (!told.includes('full')) change(1_000)
    expect(outbox.bytes).toBe(104_000)
    flush()
    drain()
    expect(told).toEqual(['behind', 'full', 'empty'])
  })
})
