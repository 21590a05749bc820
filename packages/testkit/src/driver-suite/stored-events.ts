import { type ChangeEvent, decodeEvent } from '@eds/core'
import { demand } from '../conformance/violation.js'
import type { EventDestination } from './options.js'

/** Stored event texts by row, in stored order; only of the tables asked for. */
async function readByRow(destination: EventDestination, tables: ReadonlySet<string>): Promise<Map<string, string[]>> {
  const byRow = new Map<string, string[]>()
  for await (const stored of destination.readEvents()) {
    const bytes = Buffer.from(stored)
    const event = decodeEvent({ position: '0', bytes, time: 0 })
    if (tables.has(event.table)) append(byRow, event.rowKey, bytes.toString())
  }
  return byRow
}

/** What {@link expectStoredEvents} compares. */
export interface EventExpectation {
  /** The events that were written and not refused, in order; each once, however often it was sent. */
  readonly written: readonly ChangeEvent[]
  readonly tables: ReadonlySet<string>
  readonly keeps: 'every event' | 'last event per row'
  /** True when events were sent more than once, so that copies are no fault. */
  readonly replayed: boolean
}

/** Fails unless the destination holds what these events leave in it, byte for byte. */
export async function expectStoredEvents(destination: EventDestination, expectation: EventExpectation): Promise<void> {
  const stored = await readByRow(destination, expectation.tables)
  const expected = new Map<string, string[]>()
  for (const event of expectation.written) append(expected, event.rowKey, Buffer.from(event.bytes).toString())
  for (const [rowKey, texts] of stored) {
    const known = new Set(expected.get(rowKey))
    const foreign = texts.find((text) => !known.has(text))
    demand(foreign === undefined, () => `the destination holds bytes that it should not: ${foreign}`)
  }
  for (const [rowKey, texts] of expected) {
    const found = stored.get(rowKey) ?? []
    if (expectation.keeps === 'every event') expectEveryEvent(texts, found, expectation.replayed)
    else
      demand(
        found.includes(texts.at(-1) ?? ''),
        () => `the last event of a row is not in the destination: ${texts.at(-1)}`,
      )
  }
}

/** A replay may store an event again; what counts then is the order of the last copies. */
function expectEveryEvent(expected: readonly string[], found: readonly string[], replayed: boolean): void {
  const missing = expected.find((text) => !found.includes(text))
  demand(missing === undefined, () => `an event is not in the destination: ${missing}`)
  demand(replayed || found.length === expected.length, () => `an event is stored more than once: ${found.join('\n')}`)
  const order = [...expected].sort((left, right) => found.lastIndexOf(left) - found.lastIndexOf(right))
  demand(
    order.every((text, index) => text === expected[index]),
    () => `events of a row are stored out of order:\n${order.join('\n')}\ninstead of\n${expected.join('\n')}`,
  )
}

function append(lists: Map<string, string[]>, key: string, text: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [text])
  else list.push(text)
}
