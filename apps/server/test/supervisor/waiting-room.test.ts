import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Redactor } from '../../src/redactor.js'
import type { Idleness } from '../../src/supervisor/idleness.js'
import { roomControls } from '../../src/supervisor/room-controls.js'
import { WaitingRoom } from '../../src/supervisor/waiting-room.js'
import { temporaryFolder } from '../eds.js'

function waitingRoom(port = 0) {
  const controlFile = join(temporaryFolder(), 'control.json')
  const asked: string[] = []
  const note = (text: string) => void asked.push(text)
  const controls = roomControls(() => ({
    supervisor: {
      restart: async () => {
        note('restart')
        throw new Error('does not come up')
      },
      end: () => note('end'),
    },
    workers: { pause: async () => note('pause'), unpause: async () => note('unpause') },
    logger: { rotateFile: () => '/logs/eds-1.log' },
  }))
  const redactor = new Redactor()
  redactor.add(['p4ssw0rd-of-a-database'])
  let isStopping = false
  let state: Idleness = { status: 'waiting', reason: 'no destination' }
  const room = new WaitingRoom({
    host: '127.0.0.1',
    port,
    token: 'secret',
    redactor,
    controlFile,
    control: controls,
    isStopping: () => isStopping,
    idleness: () => state,
    now: () => 0,
  })
  onTestFinished(() => room.close())
  const ask = async (path: string, method = 'GET') => {
    const { port: open, token } = JSON.parse(readFileSync(controlFile, 'utf8'))
    const answer = await fetch(`http://127.0.0.1:${open}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    })
    return [answer.status, await answer.text()] as const
  }
  const stop = () => {
    isStopping = true
  }
  const become = (next: Idleness) => {
    state = next
  }
  return { room, controlFile, asked, ask, stop, become }
}

describe('WaitingRoom', () => {
  it('answers in the place of a worker', async () => {
    const { room, asked, ask, stop } = waitingRoom()
    await room.open()
    await room.open()
    expect(await ask('/')).toEqual([200, '{"status":"waiting","sinks":{}}'])
    expect((await ask('/metrics'))[1]).toContain('eds_pending_events 0')
    for (const action of ['pause', 'unpause', 'restart', 'shutdown']) {
      expect((await ask(`/control/${action}`, 'POST'))[0]).toBe(200)
    }
    expect(asked).toEqual(['pause', 'unpause', 'restart', 'end'])
    expect((await ask('/control/logfile', 'POST'))[1]).toContain('/logs/eds-1.log')
    stop()
    expect((await ask('/'))[0]).toBe(503)
  })

  it('says why nothing is delivered, in detail to this machine only and without secrets', async () => {
    const { room, ask, become } = waitingRoom()
    await room.open()
    expect(JSON.parse((await ask('/status'))[1])).toMatchObject({ status: 'waiting', reason: 'no destination' })
    become({ status: 'degraded', reason: 'failed at p4ssw0rd-of-a-database' })
    expect(await ask('/')).toEqual([200, '{"status":"degraded","sinks":{}}'])
    expect(JSON.parse((await ask('/status'))[1])).toMatchObject({ status: 'degraded', reason: 'failed at ***' })
  })

  it('gives the port back', async () => {
    const { room, controlFile } = waitingRoom()
    await room.open()
    await room.close()
    await room.close()
    expect(existsSync(controlFile)).toBe(false)
    await room.open()
    expect(existsSync(controlFile)).toBe(true)
  })

  it('says when the port is taken, and opens when it is free again', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { room, ask } = waitingRoom((other.address() as AddressInfo).port)
    await expect(room.open()).rejects.toThrow(/another program listens there/)
    await new Promise((resolve) => other.close(resolve))
    await room.open()
    expect((await ask('/'))[0]).toBe(200)
  })
})
