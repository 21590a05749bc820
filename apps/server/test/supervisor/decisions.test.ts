import { describe, expect, it } from 'vitest'
import { afterExit, describeExit, exitCodeAfter } from '../../src/supervisor/after-exit.js'
import { CrashCount } from '../../src/supervisor/crash-count.js'
import { decideMode, type Mode, type ModeFacts } from '../../src/supervisor/mode.js'

const nothing: ModeFacts = {
  hasApiKey: false,
  hasToken: false,
  hasServerId: false,
  hasDirectOption: false,
  hasDestination: false,
  isTerminal: false,
}

describe('decideMode', () => {
  it.each<[Partial<ModeFacts>, Mode]>([
    [{}, 'direct'],
    [{ isTerminal: true }, 'enroll'],
    [{ hasDestination: true, isTerminal: true }, 'direct'],
    [{ hasApiKey: true }, 'hq'],
    [{ hasApiKey: true, hasDestination: true }, 'hq'],
    [{ hasToken: true, hasServerId: true, hasDestination: true }, 'hq'],
    [{ hasApiKey: true, hasDirectOption: true }, 'direct'],
    [{ hasToken: true, hasServerId: true, hasDirectOption: true }, 'direct'],
    [{ hasToken: true }, 'refused'],
    [{ hasToken: true, isTerminal: true }, 'enroll'],
    [{ hasServerId: true, hasDestination: true }, 'refused'],
    [{ hasServerId: true, isTerminal: true }, 'enroll'],
  ])('%j: %s', (facts, mode) => {
    expect(decideMode({ ...nothing, ...facts })).toBe(mode)
  })
})

describe('what follows when a worker ends', () => {
  it.each([
    [{ code: 0, signal: null }, 'stop', 'exit code 0', 0],
    [{ code: 1, signal: null }, 'crash', 'exit code 1', 1],
    [{ code: 3, signal: null }, 'give up', 'exit code 3', 3],
    [{ code: 4, signal: null }, 'restart', 'exit code 4', 1],
    [{ code: 5, signal: null }, 'renew', 'exit code 5', 1],
    [{ code: 134, signal: null }, 'crash', 'exit code 134', 1],
    [{ code: null, signal: 'SIGKILL' }, 'crash', 'signal SIGKILL', 1],
  ] as const)('%j: %s', (exit, action, description, exitCode) => {
    expect(afterExit(exit)).toBe(action)
    expect(describeExit(exit)).toBe(description)
    expect(exitCodeAfter(exit)).toBe(exitCode)
  })
})

describe('CrashCount', () => {
  it('waits longer each time, and gives up after more than five', () => {
    const count = new CrashCount()
    const waits = Array.from({ length: 6 }, () => count.crashed(1_000))
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, undefined])
  })

  it('forgets crashes before a long run', () => {
    const count = new CrashCount()
    for (let crash = 0; crash < 5; crash++) count.crashed(0)
    expect(count.crashed(3_600_000)).toBe(500)
    expect(count.crashes).toBe(1)
  })
})
