import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { untilAsked } from '../src/signals.js'

function program() {
  const exits: number[] = []
  const process = Object.assign(new EventEmitter(), { exit: (code: number) => exits.push(code) })
  const clock = { now: 5_000 }
  return { exits, clock, process, signal: untilAsked(process, () => clock.now) }
}

describe('untilAsked', () => {
  it.each(['SIGINT', 'SIGTERM'])('is aborted by %s, and lets what is in flight finish', (name) => {
    const { process, signal, exits } = program()
    expect(signal.aborted).toBe(false)
    process.emit(name)
    expect(signal.aborted).toBe(true)
    expect(exits).toEqual([])
  })

  it('takes a signal that comes twice at once for one', () => {
    const { process, exits, clock } = program()
    process.emit('SIGINT')
    clock.now += 400
    process.emit('SIGINT')
    process.emit('SIGTERM')
    expect(exits).toEqual([])
  })

  it('ends the process at a later signal, of whatever kind', () => {
    const { process, exits, clock } = program()
    process.emit('SIGTERM')
    clock.now += 1_100
    process.emit('SIGINT')
    expect(exits).toEqual([1])
  })
})
