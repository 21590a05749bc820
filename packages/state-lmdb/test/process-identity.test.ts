import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import {
  currentProcess,
  isOwnerAlive,
  maxSilenceMs,
  type ProcessIdentity,
  processStart,
} from '../src/process-identity.js'

const self: ProcessIdentity = { pid: 7, started: '500', host: 'here', boot: 'boot 1', pidNamespace: 'pid:[1]' }

interface Situation {
  readonly owner: Partial<ProcessIdentity>
  readonly runningStart?: string
  readonly silenceMs?: number
  readonly alive: boolean
}

const situations: Readonly<Record<string, Situation>> = {
  'this very process': { owner: {}, runningStart: '500', alive: true },
  'another process that runs': { owner: { pid: 8, started: '300' }, runningStart: '300', alive: true },
  'a process that is gone': { owner: { pid: 8, started: '300' }, alive: false },
  'a number that another process has now': { owner: { pid: 8, started: '300' }, runningStart: '900', alive: false },
  'this number, used by a process before': { owner: { started: '300' }, runningStart: '500', alive: false },
  'a process from before the machine restarted': { owner: { boot: 'boot 0' }, runningStart: '500', alive: false },
  'another container that was heard of': {
    owner: { pidNamespace: 'pid:[2]' },
    silenceMs: maxSilenceMs - 1,
    alive: true,
  },
  'another container that fell silent': { owner: { pidNamespace: 'pid:[2]' }, silenceMs: maxSilenceMs, alive: false },
}

describe('isOwnerAlive', () => {
  it.each(Object.entries(situations))('%s', (_, { owner, runningStart, silenceMs = 0, alive }) => {
    const evidence = { startOf: () => runningStart, silenceMs: () => silenceMs }
    expect(isOwnerAlive({ ...self, ...owner }, self, evidence)).toBe(alive)
  })
})

describe('processStart', () => {
  it('is the same for a process each time it is asked', () => {
    expect(currentProcess()).toEqual(currentProcess())
    expect(processStart(process.pid)).toBe(currentProcess().started)
  })

  it('is there for a process that runs and absent once it has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(child, 'spawn')
    expect(processStart(child.pid!)).toMatch(/\S/)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(processStart(child.pid!)).toBeUndefined()
  })
})
