import { describe, expect, it } from 'vitest'
import {
  createPipeline,
  type DeadLetter,
  EdsError,
  type EventStage,
  memoryState,
  padSequence,
  rewriteEvent,
  sink,
  staticRegistry,
  type TableSchema,
} from '../../src/index.js'
import { makeLetter } from './letters.js'
import { Destination, delivery, driverOf, eventText, MemoryLetters, MemorySource } from './memory-world.js'

const row = { key: ['region', 'a'] }
const rowKey = 'order\u0000a'

function partial(id: string, after: object = { id: 'a', name: 'y' }): string {
  return eventText({ ...row, id, operation: 'UPDATE', before: { id: 'a', name: 'x', note: 'n' }, after })
}

function lettersOf(...letters: DeadLetter[]): MemoryLetters {
  const store = new MemoryLetters()
  store.letters.push(...letters)
  return store
}

function letterOf(sequence: number, text: string, fields: Partial<DeadLetter> = {}): DeadLetter {
  return makeLetter(padSequence(sequence), { sink: 'memory', rowKey, bytes: Buffer.from(text), ...fields })
}

describe('dead letters of a former run', () => {
  it('do not hold back a change of their row that is older and comes again', async () => {
    const letters = lettersOf(letterOf(3, partial('refused')))
    const source = new MemorySource([delivery(1, eventText({ ...row, id: 'first' })), delivery(2, partial('second'))])
    const destination = new Destination()
    await createPipeline({ source, deadLetters: letters, sinks: [sink(driverOf(destination.write), {})] }).run()
    expect(destination.events).toEqual(['first', 'second'])
    expect(letters.letters.map(({ id, status }) => `${id} ${status}`)).toEqual([`${padSequence(3)} open`])
  })

  it('that were parked behind one which a repair has closed are applied before anything is read', async () => {
    const letters = lettersOf(
      letterOf(1, eventText({ ...row, id: 'given up' }), { status: 'skipped' }),
      letterOf(2, partial('behind'), { status: 'parked' }),
    )
    const source = new MemorySource([delivery(3, partial('next'))])
    const destination = new Destination()
    await createPipeline({ source, deadLetters: letters, sinks: [sink(driverOf(destination.write), {})] }).run()
    expect(destination.events).toEqual(['behind', 'next'])
    expect(letters.letters.map(({ status }) => status)).toEqual(['skipped', 'retried'])
  })

  it('that the stream will bring again wait for their turn there', async () => {
    const letters = lettersOf(letterOf(3, partial('third'), { status: 'parked' }))
    const history = [
      delivery(1, eventText({ ...row, id: 'first' })),
      delivery(2, partial('second')),
      delivery(3, partial('third')),
    ]
    const state = memoryState()
    const destination = new Destination()
    const sinks = [sink(driverOf(destination.write), {})]
    await createPipeline({ source: new MemorySource(history.slice(0, 1)), state, sinks }).run()
    await createPipeline({ source: new MemorySource(history), state, deadLetters: letters, sinks }).run()
    expect(destination.events).toEqual(['first', 'second', 'third'])
    expect(letters.letters.map(({ status }) => status)).toEqual(['retried'])
  })

  it('are not superseded by an image that lacks their columns', async () => {
    const schema = (modelVersion: string, names: readonly string[]): TableSchema => ({
      table: 'order',
      modelVersion,
      primaryKeys: ['id'],
      required: ['id'],
      properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    })
    const newer = eventText({ ...row, id: 'refused', modelVersion: 'v2', after: { id: 'a', name: 'x', note: 'n' } })
    const letters = lettersOf(letterOf(1, newer))
    const image = eventText({ ...row, id: 'older', operation: 'UPDATE', after: { id: 'a', name: 'y' } })
    const destination = new Destination()
    const driver = driverOf(destination.write, { schema: { prepare: async () => [] } })
    await createPipeline({
      source: new MemorySource([delivery(2, image)]),
      deadLetters: letters,
      registry: staticRegistry([schema('v1', ['id', 'name']), schema('v2', ['id', 'name', 'note'])]),
      sinks: [sink(driver, {})],
    }).run()
    expect(destination.events).toEqual([])
    expect(letters.letters.map(({ status }) => status)).toEqual(['open', 'parked'])
  })

  it('are open, not parked, once they were tried and refused', async () => {
    const letters = lettersOf(
      letterOf(1, eventText({ ...row, id: 'bad' })),
      letterOf(3, partial('also bad'), { status: 'parked' }),
    )
    const history = [delivery(2, eventText({ ...row, id: 'whole' })), delivery(3, partial('also bad'))]
    const destination = new Destination(({ events }) => {
      const bad = events.findIndex(({ id }) => id === 'also bad')
      return bad < 0 ? undefined : { failures: [{ index: bad, error: new EdsError('record', 'refused') }] }
    })
    const sinks = [sink(driverOf(destination.write), {})]
    await createPipeline({ source: new MemorySource(history), deadLetters: letters, sinks }).run()
    expect(destination.events).toEqual(['whole'])
    expect(letters.letters.map(({ status }) => status)).toEqual(['superseded', 'open'])
  })
})

describe('a letter that a stage refused', () => {
  const mask: EventStage = (event) => rewriteEvent(event, { userId: undefined })
  const refuse: EventStage = () => {
    throw new EdsError('record', 'not now')
  }

  it('passes all stages when it is tried again: what they mask stays masked', async () => {
    const letters = new MemoryLetters()
    const state = memoryState()
    const first = new MemorySource([delivery(1, eventText({ ...row, id: 'e1', userId: 'somebody' }))])
    const sent: string[] = []
    const destination = new Destination(({ events }) => {
      sent.push(...events.map(({ bytes }) => Buffer.from(bytes).toString()))
      return undefined
    })
    const sinks = [sink(driverOf(destination.write), {})]
    await createPipeline({ source: first, state, deadLetters: letters, sinks, stages: [refuse, mask] }).run()
    expect(letters.letters).toMatchObject([{ status: 'open', raw: true }])

    // Parked, it is next when the lane starts.
    letters.letters[0] = { ...letters.letters[0]!, status: 'parked' }
    await createPipeline({ source: new MemorySource([]), state, deadLetters: letters, sinks, stages: [mask] }).run()
    expect(destination.events).toEqual(['e1'])
    expect(sent.join()).not.toContain('somebody')
  })
})
