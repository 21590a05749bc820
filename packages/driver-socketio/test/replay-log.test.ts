import { describe, expect, it } from 'vitest'
import { ReplayLog } from '../src/delivery/replay.js'
import type { ChangeMessage } from '../src/events.js'

const message = (id: string): ChangeMessage =>
  ({
    ...{ id, table: 't', type: 'insert', data: {}, source: 's', source_type: 'database', timestamp: 0, version: 1 },
  }) as const

function logOf(maxBytes = 1_000, maxAgeMs = 1_000) {
  const time = { now: 0 }
  const log = new ReplayLog({ maxBytes, maxAgeMs, now: () => time.now })
  const missed = (offset: string, ...rooms: string[]) =>
    log.since(offset, new Set(rooms))?.map((sent) => sent.message.id)
  return { log, time, missed }
}

describe('the log of what was sent', () => {
  it('gives what lies behind an offset, of some rooms, in order', () => {
    const { log, missed } = logOf()
    const start = log.offset
    const first = log.add(['a'], message('1'), 10)
    log.add(['b'], message('2'), 10)
    log.add(['a', 'b'], message('3'), 10)
    expect(missed(start, 'a')).toEqual(['1', '3'])
    expect(missed(first, 'a', 'b')).toEqual(['2', '3'])
    expect(missed(log.offset, 'a')).toEqual([])
  })

  it('knows when something is gone for its size or age', () => {
    const { log, time, missed } = logOf(25, 100)
    const start = log.offset
    const first = log.add(['a'], message('1'), 10)
    log.add(['a'], message('2'), 10)
    expect(missed(start, 'a')).toEqual(['1', '2'])
    log.add(['a'], message('3'), 10)
    expect(missed(start, 'a')).toBeUndefined()
    expect(missed(first, 'a')).toEqual(['2', '3'])
    time.now = 101
    const fourth = log.add(['a'], message('4'), 1)
    expect(missed(first, 'a')).toBeUndefined()
    expect(missed(fourth, 'a')).toEqual([])
  })

  it('keeps nothing that alone is too large', () => {
    const { log, missed } = logOf(25)
    const start = log.offset
    const large = log.add(['a'], message('1'), 26)
    expect([missed(start, 'a'), missed(large, 'a')]).toEqual([undefined, []])
  })

  it.each(['', 'x', 'x.1', '.0', '1'])('does not know the offset %j of another process', (offset) => {
    const { log, missed } = logOf()
    log.add(['a'], message('1'), 1)
    expect(missed(offset, 'a')).toBeUndefined()
    expect(missed(`${log.offset}0`, 'a')).toBeUndefined()
    expect(missed(`${log.offset}.5`, 'a')).toBeUndefined()
  })

  it('gives a session back once, and not for long', () => {
    const { log, time } = logOf()
    const session = { socketId: 's', userId: 'u' }
    log.leave('p', session)
    expect(log.take('p', log.offset)).toMatchObject(session)
    expect(log.take('p', log.offset)).toBeUndefined()
    log.leave('p', session)
    time.now = 1_001
    expect(log.take('p', log.offset)).toBeUndefined()
  })
})
