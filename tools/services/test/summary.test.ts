import { expect, test } from 'vitest'
import { summarise, withExitCode } from '../src/summary.js'

const nothing = { passed: 0, failed: [], skipped: [], unsteady: [] }
const nats = { name: 'NATS JetStream', reason: 'not installed' }

test('names what failed, what was skipped and what was missing, and counts in the last line', () => {
  const run = {
    passed: 7,
    failed: [{ name: 'a.test.ts > breaks', reason: 'expected 1\nreceived 2' }],
    skipped: [{ name: 'b.test.ts > waits', reason: 'no moon' }],
    unsteady: [{ name: 'c.test.ts > wobbles', reason: 'too late' }],
  }
  expect(summarise(run, [{ ...nats, fatal: false }]).join('\n')).toBe(`Skipped:
  b.test.ts > waits: no moon

Missing servers:
  NATS JetStream: not installed

Passed at the second attempt only:
  c.test.ts > wobbles: too late

Failed:
  a.test.ts > breaks: expected 1
    received 2

7 passed, 1 failed, 1 skipped`)
})

test('a missing server that is fatal counts as a failure', () => {
  expect(summarise({ ...nothing, passed: 3 }, [{ ...nats, fatal: true }])).toEqual([
    'Failed:',
    '  NATS JetStream: not installed',
    '',
    '3 passed, 1 failed, 0 skipped',
  ])
})

test('a run that failed without a failing test is a failure', () => {
  expect(withExitCode(nothing, 1).failed).toHaveLength(1)
  expect(withExitCode(nothing, 0)).toEqual(nothing)
  const failing = { ...nothing, failed: [{ name: 'a', reason: 'b' }] }
  expect(withExitCode(failing, 1)).toEqual(failing)
})
