import { EdsError } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { firestorePaths, planCommit } from '../src/firestore-commit-plan.js'
import { checkStorable, decodeEvent, eventFields } from '../src/firestore-documents.js'
import { firestoreFailure, isLostRace, isMissingIndex } from '../src/firestore-errors.js'
import type { PlacedEvent, StorageChange } from '../src/index.js'
import { request } from './support/sync-world.js'

describe('an event as a document', () => {
  it.each([
    [{}],
    [{ content: '' }],
    [{ headers: {}, queryParams: { a: [''], b: ['x', 'y'] } }],
    [{ date: 1_768_215_600_000_001, content: '€' }],
  ])('is the same when it is read again: %j', (changes) => {
    const event = { ...request('a'), id: 'w-0-1', date: 1_768_215_600_123_456, ...changes }
    expect(decodeEvent('w-0-1', eventFields(event, false))).toEqual(event)
  })

  it('of another program may hold bytes, or lack what was empty', () => {
    const fields = { EventKey: { stringValue: 'a' }, Content: { bytesValue: Buffer.from('ä') } }
    const empty = { date: 0, httpMethod: '', headers: {}, queryParams: {} }
    expect(decodeEvent('x', fields)).toEqual({ id: 'x', eventKey: 'a', content: 'ä', ...empty })
  })

  it.each([
    [{ content: 'x'.repeat(1_048_576) }, /takes 1048\d+ bytes.*/],
    [{ content: '€'.repeat(349_526) }, /takes 1048\d+ bytes/],
    [{ content: '\ud800' }, /its body is not text/],
    [{ headers: { a: ['\udc00'] } }, /the header "a" is not text/],
    [{ queryParams: { '': ['1'] } }, /the query parameter "" has a name that Firestore does not store/],
    [{ queryParams: { __a__: ['1'] } }, /the query parameter "__a__" has a name/],
    [{ queryParams: { [`${'x'.repeat(1_501)}`]: ['1'] } }, /has a name that Firestore does not store/],
  ])('that Firestore cannot hold is refused (case %#)', (changes, message) => {
    const check = () => checkStorable({ ...request('a'), ...changes })
    expect(check).toThrow(message)
    expect(check).toThrow(expect.objectContaining({ code: 'record' }))
  })

  it('just below the limit is not refused', () => {
    checkStorable(request('a', 'x'.repeat(1_046_000)))
  })
})

describe('a step as commits', () => {
  const paths = firestorePaths('c')
  const empty: StorageChange = {
    expected: '1.0',
    head: '{}',
    events: [],
    firings: [],
    used: [],
    removed: { events: [], firings: [] },
    adopted: [],
  }
  const place = (sequence: number) => ({ writer: 'w', slot: 0, sequence })
  const placed = (count: number, content = 'x'): PlacedEvent[] =>
    Array.from({ length: count }, (_, index) => ({
      place: place(index + 1),
      event: { ...request('a', content), id: '', date: 1 },
    }))
  const sizes = (change: Partial<StorageChange>) => {
    const { ahead, atomic, after } = planCommit(paths, { ...empty, ...change }, { exists: true })
    return { ahead: ahead.map(({ length }) => length), atomic: atomic.length, after: after.map(({ length }) => length) }
  }

  it('is one, with the head first and its condition', () => {
    const change = {
      ...empty,
      events: placed(2),
      used: [{ writer: 'w', slot: 0, from: 1, through: 1 }],
      adopted: ['o'],
    }
    const { ahead, atomic, after } = planCommit(paths, change, { exists: false })
    expect([ahead, after]).toEqual([[], []])
    expect(atomic[0]).toEqual({
      set: 'c-state/head',
      fields: { State: { stringValue: '{}' } },
      condition: { exists: false },
    })
    const marks = atomic.slice(1).map((write) => ('set' in write ? [write.set, write.fields.AlreadyExported] : []))
    expect(marks).toEqual([
      ['c/o', { booleanValue: true }],
      ['c/w-0-1', { booleanValue: true }],
      ['c/w-0-2', { booleanValue: false }],
    ])
  })

  it.each([
    ['few events', { events: placed(449) }, { ahead: [], atomic: 450, after: [] }],
    ['many events', { events: placed(1_000) }, { ahead: [450, 450, 100], atomic: 1, after: [] }],
    ['large events', { events: placed(10, 'x'.repeat(1_000_000)) }, { ahead: [6, 4], atomic: 1, after: [] }],
    [
      'many marks',
      { used: [{ writer: 'w', slot: 0, from: 1, through: 1_000 }] },
      { ahead: [], atomic: 450, after: [450, 101] },
    ],
    [
      'many removals',
      { removed: { events: placed(500).map((event) => event.place), firings: ['w-1'] } },
      { ahead: [52], atomic: 450, after: [] },
    ],
  ])('is of several with %s', (_, change, expected) => {
    expect(sizes(change)).toEqual(expected)
  })

  it('is refused when the head is too large', () => {
    expect(() => sizes({ head: 'x'.repeat(1_048_576) })).toThrow(expect.objectContaining({ code: 'configuration' }))
  })
})

describe('an error of Firestore', () => {
  const status = (code: number, details = 'x') => Object.assign(new Error(details), { code, details })

  it.each([
    [status(3), 'configuration'],
    [status(4), 'timeout'],
    [status(5), 'configuration'],
    [status(7), 'authentication'],
    [status(8), 'throttled'],
    [status(9), 'configuration'],
    [status(10), 'connection'],
    [status(12), 'unsupported'],
    [status(13), 'connection'],
    [status(14), 'connection'],
    [status(16), 'authentication'],
    [status(2, 'Getting metadata from plugin failed with error: connect ECONNREFUSED'), 'connection'],
    [status(16, 'Getting metadata from plugin failed with error: invalid_grant'), 'authentication'],
    [new Error('Could not load the default credentials. Browse to'), 'configuration'],
    [new Error('Unable to detect a Project Id in the current environment.'), 'configuration'],
    [new Error('connect ECONNREFUSED 127.0.0.1:1'), 'connection'],
    ['odd', 'unknown'],
    [new EdsError('gap', 'kept'), 'gap'],
  ])('%s is %s', (error, code) => {
    expect(firestoreFailure(error, 'here').code).toBe(code)
  })

  it('tells races and missing indexes from the rest', () => {
    expect([5, 6, 9, 10, 14].map((code) => isLostRace(status(code)))).toEqual([true, true, true, true, false])
    expect(isMissingIndex(status(9, 'The query requires an index.'))).toBe(true)
    expect(isMissingIndex(status(9, 'Datastore mode'))).toBe(false)
  })
})
