import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { childVariable, endWithParent } from '../../src/supervisor/end-with-parent.js'

function fakeProcess(env: Readonly<Record<string, string>>) {
  const emitter = new EventEmitter()
  const done: unknown[] = []
  const process = {
    env,
    channel: { unref: () => done.push('unref') },
    once: (event: 'disconnect', listener: () => void) => emitter.once(event, listener),
    exit: (code: number) => done.push(code),
  }
  return { process, done, parentVanishes: () => void emitter.emit('disconnect') }
}

describe('endWithParent', () => {
  it('ends a process that this program has started', () => {
    const { process, done, parentVanishes } = fakeProcess({ [childVariable]: '1' })
    endWithParent(process)
    expect(done).toEqual(['unref'])
    parentVanishes()
    expect(done).toEqual(['unref', 1])
  })

  it('leaves others alone', () => {
    const { process, done, parentVanishes } = fakeProcess({})
    endWithParent(process)
    parentVanishes()
    expect(done).toEqual([])
  })
})
