import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { FromWorker, ToWorker, WorkerOrder } from '../../src/worker/messages.js'
import { SupervisorLink } from '../../src/worker/supervisor-link.js'

function fakeProcess() {
  const emitter = new EventEmitter()
  const sent: FromWorker[] = []
  const process = {
    connected: true,
    send: (message: FromWorker) => sent.push(message) > 0,
    on: (event: 'message', listener: (message: ToWorker) => void) => emitter.on(event, listener),
    off: (event: 'message', listener: (message: ToWorker) => void) => emitter.off(event, listener),
  }
  return { process, sent, emitter, receives: (message: ToWorker) => void emitter.emit('message', message) }
}

const order = { token: 't' } as unknown as WorkerOrder

describe('SupervisorLink', () => {
  it('refuses a process that nobody supervises', () => {
    expect(() => SupervisorLink.attach({ ...fakeProcess().process, send: undefined })).toThrow(/run eds server/)
  })

  it('gives the order, and passes on what was asked before anyone could serve', async () => {
    const { process, receives } = fakeProcess()
    const link = SupervisorLink.attach(process)
    receives({ kind: 'deliver', order })
    receives({ kind: 'pause' })
    expect(await link.order).toBe(order)
    const done: string[] = []
    link.serve({
      pause: async () => void done.push('pause'),
      unpause: () => void done.push('unpause'),
      stop: () => void done.push('stop'),
    })
    receives({ kind: 'unpause' })
    receives({ kind: 'stop' })
    expect(done).toEqual(['pause', 'unpause', 'stop'])
  })

  it('asks for a new log file', async () => {
    const { process, sent, receives } = fakeProcess()
    const link = SupervisorLink.attach(process)
    const rotations = [link.rotateLog(), link.rotateLog()]
    expect(sent).toEqual([{ kind: 'rotate-log' }, { kind: 'rotate-log' }])
    receives({ kind: 'log-rotated', path: '/a' })
    receives({ kind: 'log-rotated' })
    expect(await Promise.all(rotations)).toEqual(['/a', undefined])
  })

  it('says nothing to a supervisor that is gone, and lets go when it is closed', () => {
    const { process, sent, emitter } = fakeProcess()
    const link = SupervisorLink.attach(process)
    process.connected = false
    link.send({ kind: 'running', port: 1 })
    expect(sent).toEqual([])
    link.close()
    expect(emitter.listenerCount('message')).toBe(0)
  })
})
