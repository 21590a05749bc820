import type { ShopEvent } from './events.js'
import type { HostileClass } from './hostile.js'
import type { WorkloadPlan } from './options.js'
import { hex, type Random } from './random.js'
import { uuidText } from './text.js'
import type { Change, Workload } from './workload.js'

const region = 'gcp-us-west1'
const sessionId = '"sessionId":"5f3c9a52-7b1e-4c55-9f0a-2d8e6b7a1c03"'

/** Where a change stands. */
export interface Place {
  readonly plan: WorkloadPlan
  readonly workload: Workload
  readonly index: number
}

/** Writes a change down as one JSON object with the wire's field names. */
export function writeEnvelope(change: Change, { plan, workload, index }: Place): ShopEvent {
  const { row, table, operation, version } = change
  const { random, clock } = workload
  const companyId = plan.companies[row.company] as string
  const locationId = random.chance(0.02) ? undefined : `${companyId}-${row.location}`
  const id = eventId(random, index)
  const keyless = plan.hostile && isKeyless(change, random)
  const mvccTimestamp = clock.mvccTimestamp()
  const key = keyless ? '[]' : JSON.stringify([region, ...row.key])
  const user = random.chance(0.7) ? `,"userId":"${companyId}-u${random.below(5)}"` : ''
  const location = locationId === undefined ? '' : `,"locationId":"${locationId}"`
  const extra = extraFields(random)
  const text =
    `{${extra.front}"operation":"${operation}","id":"${id}","table":"${table.definition.table}","key":${key},` +
    `"modelVersion":"${version.modelVersion}","companyId":"${companyId}"${location}${user}${images(change)},` +
    `"timestamp":${clock.milliseconds},"mvccTimestamp":"${mvccTimestamp}"${extra.back}}`
  return {
    bytes: Buffer.from(text),
    subject: `dbchange.${table.definition.table}.${operation}.${companyId}.${locationId ?? 'NONE'}.PUBLIC.2`,
    index,
    id,
    table: table.definition.table,
    operation,
    primaryKey: row.key,
    modelVersion: version.modelVersion,
    companyId,
    locationId,
    timestamp: clock.milliseconds,
    mvccTimestamp,
    partial: change.partial,
    reinsert: change.reinsert,
    hostile: keyless ? withEmptyKey(change.hostile) : change.hostile,
  }
}

/** A UUID that ends in the event's number, so that no two are equal. */
function eventId(random: Random, index: number): string {
  return uuidText(random).slice(0, 24) + hex(index, 12)
}

/** Only where the row's image says what the key does not: one key column called `id`, whole image. */
function isKeyless({ row, table, partial }: Change, random: Random): boolean {
  return random.chance(0.01) && !partial && row.key.length === 1 && table.definition.primaryKeys[0] === 'id'
}

function withEmptyKey(classes: readonly HostileClass[]): readonly HostileClass[] {
  return [...classes, 'emptyKey']
}

function images({ before, after, diff, table }: Change): string {
  let text = ''
  if (before !== undefined) text += `,"before":${before}`
  if (after !== undefined) text += `,"after":${after}`
  if (diff.length > 0) text += `,"diff":[${diff.map((index) => JSON.stringify(table.columns[index]?.name)).join(',')}]`
  return text
}

/** Fields that nothing knows, before and behind the known ones; `operation` and `table` inside must mislead nobody. */
function extraFields(random: Random): { front: string; back: string } {
  const draw = random.below(20)
  return {
    front: draw === 0 ? '"source": {"operation": "NONE", "table": "sequence", "key": []}, ' : '',
    back:
      draw < 5
        ? `,"region":"${region}",${sessionId},"version":2`
        : draw === 6
          ? ',"note":"}]\\"{[", "big":12345678901234567890'
          : '',
  }
}
