import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { untilAsked } from '../src/signals.js'

function process() {
  const exits: number[] = []
  return Object.assign(new EventEmitter(), { exits, exit: (code: number) => exits.push(code) })
}

describe('untilAsked', () => {
  it.each(['SIGINT', 'SIGTERM'])('is aborted by %s, and lets what is in flight finish', (name) => {
    const target = process()
    const signal = untilAsked(target)
    expect(signal.aborted).toBe(false)
    target.emit(name)
    expect(signal.aborted).toBe(true)
    expect(target.exits).toEqual([])
  })

  it('ends the process at the second signal, of whatever kind', () => {
    const target = process()
    untilAsked(target)
    target.emit('SIGTERM')
    target.emit('SIGINT')
    expect(target.exits).toEqual([1])
  })
})
