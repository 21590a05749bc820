import { type CommandContext, leaseMicroseconds, slotOf, writerOf } from './commands.js'
import { eventIdOf, type SyncEvent } from './event.js'
import { type Head, unsettledCount } from './head.js'
import type { Step } from './step.js'
import { compactTrash } from './trash.js'
import { windowStart } from './window.js'

/** Makes the endpoints' places fit the configuration, and registers this instance. `isAlone`: nobody else has the store open. */
export async function openStore(step: Step, context: CommandContext, isAlone: boolean): Promise<void> {
  for (const { eventKey, minNbOfOccurrence } of context.config.endpoints) {
    await step.remember(slotOf(step, eventKey), minNbOfOccurrence)
  }
  writerOf(step, context)
  if (isAlone) for (const writer of Object.values(step.head.writers)) writer.publisher = context.instance
}

/** Stores events that another program left, oldest first, under ids of its own. */
export function adoptEvents(step: Step, { writer }: CommandContext, events: readonly SyncEvent[]): void {
  const { head } = step
  for (const adopted of events) {
    const slot = slotOf(step, adopted.eventKey)
    slot.lines[writer] ??= { used: 0, last: 0, first: 0, newest: 0 }
    const line = slot.lines[writer]
    const date = Math.max(adopted.date, line.newest + 1)
    if (line.used === line.last) line.first = date
    line.last++
    line.newest = date
    const place = { writer, slot: slot.number, sequence: line.last }
    step.add({ place, event: { ...adopted, id: eventIdOf(place), date } })
    step.adopted.push(adopted.id)
    slot.recent = [...slot.recent, date].sort((left, right) => left - right).slice(-slot.capacity)
    head.time = Math.max(head.time, date)
    head.counts.stored++
  }
}

/**
 * What has to be done now and then: mark what is too old, forget endpoints and writers that are gone, and, among several instances, say
 * that this one lives and take over from those that do not.
 */
export async function keepUp(step: Step, context: CommandContext, isAlone: boolean): Promise<void> {
  const { head } = step
  const time = Math.max(context.now, head.time)
  for (const slot of Object.values(head.slots)) await step.expire(slot, windowStart(context.config, time))
  if (!isAlone) renewLeases(head, context, time)
  forgetLines(head, context)
  compactTrash(head)
}

/** Others may take over at once. */
export function releaseLeases({ head }: Step, { instance }: CommandContext): void {
  for (const writer of Object.values(head.writers)) if (writer.publisher === instance) writer.leaseUntil = 0
}

function renewLeases(head: Head, { instance }: CommandContext, time: number): void {
  for (const writer of Object.values(head.writers)) {
    if (writer.publisher !== instance && writer.leaseUntil >= time) continue
    writer.publisher = instance
    writer.leaseUntil = time + leaseMicroseconds
  }
}

function forgetLines(head: Head, { config, writer: own, instance }: CommandContext): void {
  const wanted = new Set(config.endpoints.map(({ eventKey }) => eventKey))
  const gone = Object.keys(head.writers).filter((name) => name !== own && head.writers[name]?.publisher === instance)
  for (const [eventKey, { lines }] of Object.entries(head.slots)) {
    for (const name of gone) if (lines[name]?.used === lines[name]?.last) delete lines[name]
    const isEmpty = Object.values(lines).every(({ used, last }) => used === last)
    if (!wanted.has(eventKey) && isEmpty) delete head.slots[eventKey]
  }
  for (const name of gone) {
    const writer = head.writers[name]
    const hasLines = Object.values(head.slots).some(({ lines }) => lines[name] !== undefined)
    if (writer !== undefined && unsettledCount(writer) === 0 && !hasLines) delete head.writers[name]
  }
}
