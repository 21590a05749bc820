import type { CommandContext } from './commands.js'
import { formatDate, microseconds } from './date.js'
import { unsettledCount } from './head.js'
import type { PublishingError } from './publisher.js'
import type { DueStatus, SyncStatus } from './status.js'
import type { Step } from './step.js'
import { missingEvents, windowStart } from './window.js'

/** What the store says. Looks at events as many as the logarithm of how many there are. */
export async function reportStatus(
  step: Step,
  { config, now }: CommandContext,
  { storage, lastError }: { storage: string; lastError: PublishingError | undefined },
): Promise<SyncStatus> {
  const { head } = step
  const since = windowStart(config, Math.max(now, head.time))
  const endpoints = []
  const missing: Record<string, number> = {}
  for (const { eventKey, minNbOfOccurrence } of config.endpoints) {
    const slot = head.slots[eventKey]
    endpoints.push({ eventKey, pending: slot ? await step.pending(slot, since) : 0, minNbOfOccurrence })
    const lacks = missingEvents(head, eventKey, minNbOfOccurrence, since)
    if (config.trigger.type === 'window' && lacks > 0) missing[eventKey] = lacks
  }
  const { stored, expired, reset, fired, sent } = head.counts
  const writers = Object.values(head.writers)
  return {
    serviceName: config.serviceName,
    storage,
    eventsStored: stored,
    eventsExpired: expired,
    eventsReset: reset,
    endpoints,
    missing,
    windowsFired: fired,
    messagesSent: sent,
    ...(head.lastFire === undefined ? {} : { lastFire: formatDate(head.lastFire) }),
    due: dueStatus(
      writers.reduce((sum, writer) => sum + unsettledCount(writer), 0),
      lastError,
    ),
    refused: head.refused.map(({ name, date, error }) => ({ name, date: formatDate(date), error })),
  }
}

function dueStatus(count: number, error: PublishingError | undefined): DueStatus {
  if (error === undefined) return { count }
  const { time, ...facts } = error
  return { count, lastError: { ...facts, date: formatDate(microseconds(time)) } }
}
