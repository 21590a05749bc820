import type { SyncConfig } from './config.js'
import { type EventPlace, eventIdOf, rangeLength, type SyncEvent, type SyncRequest } from './event.js'
import { type Firing, type FiringEndpoint, firingFacts } from './firing.js'
import type { Slot, Writer } from './head.js'
import type { Step } from './step.js'
import { isComplete, windowStart } from './window.js'

/** What commands are carried out with. */
export interface CommandContext {
  readonly config: SyncConfig
  /** Name of the lines that new events go to. */
  readonly writer: string
  /** Name of this instance. */
  readonly instance: string
  /** Epoch microseconds, as the clock says. */
  readonly now: number
}

/** How long others wait for an instance that says nothing, microseconds. */
export const leaseMicroseconds = 15_000_000

/** Stores an event and fires the window that it completes. */
export async function receiveEvent(
  step: Step,
  context: CommandContext,
  request: SyncRequest,
): Promise<{ event: SyncEvent; fired?: string }> {
  const { head } = step
  const { config, writer } = context
  const { eventKey } = request
  const date = Math.max(context.now, head.time + 1)
  head.time = date
  const slot = slotOf(step, eventKey)
  const place = appendPlace(slot, writer, date)
  const event = { id: eventIdOf(place), date, ...request }
  step.add({ place, event })
  head.counts.stored++
  if (slot.recent.push(date) > slot.capacity) slot.recent.shift()
  if (!isComplete(head, config, date)) return { event }
  return { event, fired: await fire(step, context) }
}

/** Fires with what is in the observation period. Returns the firing's name. */
export async function fire(step: Step, context: CommandContext): Promise<string> {
  const { head } = step
  const { config } = context
  head.time = Math.max(context.now, head.time)
  const since = windowStart(config, head.time)
  const endpoints: FiringEndpoint[] = []
  for (const { eventKey, eventToSend, minNbOfOccurrence } of config.endpoints) {
    const slot = slotOf(step, eventKey)
    await step.expire(slot, since)
    endpoints.push({ eventKey, eventToSend, minNbOfOccurrence, ...unusedOf(slot) })
    if (!config.trigger.keepEventAfterTrigger) useAll(step, slot)
  }
  const owner = writerOf(step, context)
  const name = `${context.writer}-${++owner.fired}`
  const firing: Firing = { name, date: head.time, ...firingFacts(config), endpoints }
  step.firings.push({ name, text: JSON.stringify(firing) })
  if (firing.keep) head.keptDue++
  head.counts.fired++
  head.lastFire = head.time
  return name
}

/** Marks all unused events as used. */
export async function resetEvents(step: Step, context: CommandContext): Promise<void> {
  const { head } = step
  head.time = Math.max(context.now, head.time)
  const since = windowStart(context.config, head.time)
  for (const slot of Object.values(head.slots)) {
    await step.expire(slot, since)
    for (const range of useAll(step, slot)) {
      head.counts.reset += rangeLength(range)
      step.discard(range)
    }
  }
}

/** The entry of this instance's writer, made when it is not there. */
export function writerOf({ head }: Step, { writer, instance, now }: CommandContext): Writer {
  const known = head.writers[writer]
  if (known !== undefined) return known
  const leaseUntil = Math.max(now, head.time) + leaseMicroseconds
  const made = { fired: 0, settled: 0, done: [], publisher: instance, leaseUntil }
  head.writers[writer] = made
  return made
}

export function slotOf({ head }: Step, eventKey: string): Slot {
  const known = Object.hasOwn(head.slots, eventKey) ? head.slots[eventKey] : undefined
  if (known !== undefined) return known
  const made = { number: head.nextSlot++, capacity: 1, recent: [], lines: {} }
  head.slots[eventKey] = made
  return made
}

function appendPlace(slot: Slot, writer: string, date: number): EventPlace {
  slot.lines[writer] ??= { used: 0, last: 0, first: date, newest: date }
  const line = slot.lines[writer]
  if (line.used === line.last) line.first = date
  line.last++
  line.newest = date
  return { writer, slot: slot.number, sequence: line.last }
}

function unusedOf(slot: Slot): Pick<FiringEndpoint, 'ranges' | 'first' | 'last'> {
  const lines = Object.entries(slot.lines).filter(([, { used, last }]) => used < last)
  const ranges = lines.map(([writer, { used, last }]) => ({ writer, slot: slot.number, from: used + 1, through: last }))
  if (lines.length === 0) return { ranges }
  const first = Math.min(...lines.map(([, line]) => line.first))
  const last = Math.max(...lines.map(([, line]) => line.newest))
  return { ranges, first, last }
}

function useAll(step: Step, slot: Slot) {
  slot.recent = []
  return Object.entries(slot.lines).flatMap(([writer, { last }]) => step.use(slot, writer, last) ?? [])
}
