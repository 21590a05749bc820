import type { SyncProgramConfig } from './sync-program-config.js'

/** The configuration in words, a line each. */
export function syncSummary({ sync, rules }: SyncProgramConfig): string[] {
  const { serviceName, trigger, endpoints } = sync
  const kept = trigger.keepEventAfterTrigger ? '; events stay after a message' : ''
  return [
    `service "${serviceName}", trigger ${trigger.type} over ${trigger.observationPeriod} s${kept}`,
    ...endpoints.map(({ eventKey, acceptedHttpMethods = [], eventToSend, minNbOfOccurrence }) => {
      const methods = acceptedHttpMethods.length === 0 ? 'any method' : acceptedHttpMethods.join(', ')
      const count = rules.get(eventKey)?.length
      const changes = count === undefined ? '' : `, and change events by ${count === 1 ? 'a rule' : `${count} rules`}`
      return `/event/${eventKey}: ${methods}${changes}; at least ${minNbOfOccurrence}, sends ${eventToSend}`
    }),
  ]
}
