import type { SimEvent, SubjectAndBytes } from './hq-sim.js'

/** An event → its message; `number` ends the subject of one that has none. */
export function eventMessage(event: SubjectAndBytes | SimEvent, number: number): SubjectAndBytes {
  if ('bytes' in event) return event
  const { table, operation, companyId = 'NONE', locationId = 'NONE' } = event
  const subject = `dbchange.${table}.${operation}.${companyId}.${locationId}.PUBLIC.${number}`
  return { subject, bytes: Buffer.from(JSON.stringify(event)) }
}
