import { describe, expect, it, onTestFinished } from 'vitest'
import {
  createPipeline,
  type DeadLetter,
  EdsError,
  type LaneHandle,
  padSequence,
  type Source,
  sink,
} from '../../src/index.js'
import { makeLetter } from './letters.js'
import { Destination, driverOf, eventText, MemoryLetters } from './memory-world.js'

const rowKey = 'order\u0000a'
const row = { key: ['region', 'a'] }

function letterOf(sequence: number, text: string, fields: Partial<DeadLetter> = {}): DeadLetter {
  return makeLetter(padSequence(sequence), { sink: 'memory', rowKey, bytes: Buffer.from(text), ...fields })
}

const insertOf = (id: string) => eventText({ ...row, id })
const updateOf = (id: string, after: object = { name: 'y' }) =>
  eventText({ ...row, id, operation: 'UPDATE', before: { id: 'a', name: 'x', note: 'n' }, after })

const parked = { status: 'parked', reason: 'waits behind another' } as const

/** A lane that reads nothing and has these dead letters. `refused`: ids of events that the destination does not take. */
async function laneWith(
  letters: readonly DeadLetter[],
  refused: readonly string[] = [],
  store: MemoryLetters = new MemoryLetters(),
) {
  store.letters.push(...letters)
  const destination = new Destination(({ events }) => {
    const index = events.findIndex(({ id }) => refused.includes(id))
    return index < 0
      ? undefined
      : { failures: [{ index, error: new EdsError('record', 'refused', { fix: 'mend it' }) }] }
  })
  const end = new AbortController()
  const lane = await new Promise<LaneHandle>((resolve, reject) => {
    const pipeline = createPipeline({
      source: idle,
      deadLetters: store,
      sinks: [sink(driverOf(destination.write), {})],
      metrics: {
        onState: (_, state) => {
          if (state === 'running' && pipeline.lanes[0]) resolve(pipeline.lanes[0])
        },
      },
    })
    const run = pipeline.run({ signal: end.signal }).catch(reject)
    onTestFinished(async () => {
      end.abort()
      await run
    })
  })
  return { lane, destination, states: () => store.letters.map(({ id, status }) => `${Number(id)} ${status}`), store }
}

/** Cannot be read just after each change. */
class FailingLetters extends MemoryLetters {
  override async open() {
    const log = await super.open()
    let isAway = false
    return {
      ...log,
      mark: async (...change: Parameters<typeof log.mark>) => {
        await log.mark(...change)
        isAway = true
      },
      list: (filter: Parameters<typeof log.list>[0]) => {
        if (!isAway) return log.list(filter)
        isAway = false
        throw new EdsError('connection', 'the disk is away')
      },
    }
  }
}

const idle: Source = {
  description: 'nothing',
  open: async ({ signal }) => ({
    async *[Symbol.asyncIterator]() {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
    acknowledge: async () => {},
    close: async () => {},
  }),
  forget: async () => {},
  close: async () => {},
}

describe('a skip', () => {
  it('of an INSERT gives up the partial changes behind it, and says which', async () => {
    const { lane, destination, states } = await laneWith([
      letterOf(1, insertOf('new')),
      letterOf(2, updateOf('first'), parked),
      letterOf(3, updateOf('second'), parked),
    ])
    expect(await lane.skipDeadLetters([padSequence(1)])).toMatchObject({
      applied: 0,
      skipped: 3,
      skippedBehind: [padSequence(2), padSequence(3)],
    })
    expect(destination.events).toEqual([])
    expect(states()).toEqual(['1 skipped', '2 skipped', '3 skipped'])
    expect(lane.status().deadLetters).toBe(0)
  })

  it('of all gives up no other row and nothing behind a part of a row, and applies what is free then', async () => {
    const other = { rowKey: 'order\u0000b', ...parked }
    const { lane, destination, states } = await laneWith([
      letterOf(1, insertOf('new')),
      letterOf(2, updateOf('behind new'), parked),
      letterOf(3, updateOf('part', { note: 'z' }), { rowKey: 'order\u0000b' }),
      letterOf(4, updateOf('behind part'), other),
    ])
    expect(await lane.skipDeadLetters()).toMatchObject({ applied: 1, skipped: 3, skippedBehind: [padSequence(2)] })
    expect(destination.events).toEqual(['behind part'])
    expect(states()).toEqual(['1 skipped', '2 skipped', '3 skipped', '4 retried'])
  })

  it('takes a message that cannot be read for the first of its row', async () => {
    const { lane, destination } = await laneWith([letterOf(1, 'no event'), letterOf(2, updateOf('behind'), parked)])
    expect(await lane.skipDeadLetters([padSequence(1)])).toMatchObject({ skipped: 2, skippedBehind: [padSequence(2)] })
    expect(destination.events).toEqual([])
  })

  it('leaves what stands behind a later image of the whole row', async () => {
    const whole = updateOf('whole', { id: 'a', name: 'y', note: 'm' })
    const { lane, destination, states } = await laneWith([
      letterOf(1, insertOf('new')),
      letterOf(2, whole),
      letterOf(3, updateOf('behind'), parked),
    ])
    expect(await lane.skipDeadLetters([padSequence(1)])).toMatchObject({ applied: 0, skipped: 1, skippedBehind: [] })
    expect(states()).toEqual(['1 skipped', '2 open', '3 parked'])
    expect(await lane.retryDeadLetters([padSequence(2)])).toMatchObject({ applied: 2, failed: 0 })
    expect(destination.events).toEqual(['whole', 'behind'])
  })

  it('closes the last one first, so that a crash leaves nothing partial without what it stands behind', async () => {
    const { lane, store } = await laneWith([letterOf(1, insertOf('new')), letterOf(2, updateOf('part'), parked)])
    await lane.skipDeadLetters()
    expect(store.marked).toEqual([[padSequence(2), padSequence(1)]])
  })
})

describe('a retry', () => {
  it('gives and keeps the new reason of what fails again, and leaves the reason of what was not tried', async () => {
    const { lane, store } = await laneWith(
      [letterOf(1, insertOf('bad')), letterOf(2, updateOf('behind'), parked), letterOf(3, 'x', { reason: 'not JSON' })],
      ['bad'],
    )
    const { rowKey: _, ...unknownRow } = store.letters[2]!
    store.letters[2] = unknownRow
    expect(await lane.retryDeadLetters()).toEqual({
      applied: 0,
      failed: 3,
      skipped: 0,
      failures: [
        { id: padSequence(1), reason: 'refused (mend it)' },
        { id: padSequence(2), reason: `waits behind the dead letter ${padSequence(1)} of the same row` },
        { id: padSequence(3), reason: 'its row is not known, so newer changes of it might be overtaken' },
      ],
      skippedBehind: [],
      unknown: [],
    })
    expect(store.letters).toMatchObject([
      { status: 'open', code: 'record', reason: 'refused (mend it)', triedAt: expect.any(Number) },
      { status: 'parked', reason: 'waits behind another' },
      { status: 'open', reason: 'not JSON' },
    ])
  })
})

describe('ids that no letter has', () => {
  it.each(['retryDeadLetters', 'skipDeadLetters'] as const)('are named by %s, and nothing is done', async (task) => {
    const { lane, destination, states } = await laneWith([letterOf(1, insertOf('good'))])
    expect(await lane[task]([padSequence(1), 'bogus'])).toMatchObject({ applied: 0, skipped: 0, unknown: ['bogus'] })
    expect(destination.events).toEqual([])
    expect(states()).toEqual(['1 open'])
  })
  it('let what a repair that was cut short has left be applied', async () => {
    const part = letterOf(1, updateOf('part', { note: 'z' }))
    const letters = [part, letterOf(2, updateOf('behind'), parked)]
    const { lane, destination, states } = await laneWith(letters, [], new FailingLetters())
    await expect(lane.skipDeadLetters([part.id])).rejects.toThrow('the disk is away')
    expect(states()).toEqual(['1 skipped', '2 parked'])
    expect(await lane.retryDeadLetters([part.id])).toMatchObject({ applied: 1, unknown: [part.id] })
    expect(destination.events).toEqual(['behind'])
  })
})
