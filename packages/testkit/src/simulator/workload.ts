import { type Operation, type Position, padSequence, type Row, rowKeyOf, type TableSchema } from '@eds/core'
import type { SeededRandom } from '../conformance/random.js'
import type { Scenario } from './scenario.js'

/** One message of the simulated stream, and what is known about it. */
export interface LedgerEvent {
  readonly sequence: number
  readonly position: Position
  /** When it is published, milliseconds after the start. */
  readonly atMs: number
  readonly bytes: Uint8Array
  /** Set when the source could not unpack the message. */
  readonly defect?: string
  /** Row that it changes; absent when nobody can tell. */
  readonly rowKey?: string
  readonly operation: Operation
  readonly after?: Row
  /** The row looks the same after it, whatever was missed before: a delete, or an image with all columns of its version. */
  readonly whole: boolean
  /** `sound`: is delivered. `broken`: no event at all. `skipped`, `refused`: what a stage makes of it. */
  readonly fate: 'sound' | 'broken' | 'skipped' | 'refused'
}

/** What a scenario that masks takes out. */
export const maskedUser = 'somebody-who-must-not-be-seen'

const tables = ['alpha', 'beta'] as const
/** The second version adds a column; both occur side by side. */
const columnsOf = { v1: ['a', 'b'], v2: ['a', 'b', 'c'] } as const
type Version = keyof typeof columnsOf

/** The schema registry of every simulation. */
export function schemaOf(table: string, modelVersion: string): TableSchema | undefined {
  if (!isTable(table) || !isVersion(modelVersion)) return undefined
  const columns = columnsOf[modelVersion].map((name) => [name, { type: 'integer', nullable: true } as const])
  return {
    table,
    modelVersion,
    primaryKeys: ['id'],
    required: ['id'],
    properties: { id: { type: 'string' }, ...Object.fromEntries(columns) },
  }
}

/** The events of a scenario: few rows, so that they meet often. Every value is the number of the event that set it. */
export function makeWorkload(scenario: Scenario, random: SeededRandom): LedgerEvent[] {
  const rows = new Map<string, Row>()
  return Array.from({ length: scenario.events }, (_, index) => makeEvent(scenario, random, rows, index + 1))
}

function makeEvent(scenario: Scenario, random: SeededRandom, rows: Map<string, Row>, sequence: number): LedgerEvent {
  const table = random.pick(tables)
  const id = `row-${random.integer(1, scenario.rowsPerTable)}`
  const key = ['gcp-us-west1', id]
  const rowKey = rowKeyOf({ table, key })
  const version: Version = sequence > scenario.events * random.next() ? 'v2' : 'v1'
  const change = makeChange(random, rows.get(rowKey), id, version, sequence)
  const fate = makeFate(scenario, random)
  if (fate !== 'broken') advance(rows, rowKey, change)
  const { operation, before, after, whole } = change
  const message = {
    operation,
    id: `change-${sequence}`,
    table,
    key,
    modelVersion: version,
    userId: maskedUser,
    ...(before && random.chance(0.8) && { before }),
    ...(after && { after }),
    timestamp: 1_700_000_000_000 + sequence,
    mvccTimestamp: `${sequence}.0000000000`,
    filler: 'x'.repeat(random.integer(0, 150)),
  }
  const stored = {
    sequence,
    position: padSequence(sequence),
    atMs: Math.floor((scenario.durationMs * 0.8 * sequence) / scenario.events),
    operation,
    whole,
    fate,
    ...(after && { after }),
  }
  if (fate === 'broken') return { ...stored, ...breakMessage(random, message, rowKey) }
  return { ...stored, rowKey, bytes: Buffer.from(JSON.stringify(message)) }
}

interface Change {
  readonly operation: Operation
  readonly before?: Row | undefined
  readonly after?: Row
  readonly whole: boolean
}

function makeChange(
  random: SeededRandom,
  row: Row | undefined,
  id: string,
  version: Version,
  sequence: number,
): Change {
  const columns: readonly string[] = columnsOf[version]
  const after = { id, ...Object.fromEntries(columns.map((name) => [name, sequence])) }
  const draw = random.next()
  if (row === undefined && draw < 0.9) return { operation: 'INSERT', after, whole: true }
  // A writer of the first version does not see the columns of the second.
  const before = row && { id, ...Object.fromEntries(columns.map((name) => [name, row[name] ?? null])) }
  if (draw < 0.15) return { operation: 'DELETE', before, whole: true }
  if (draw < 0.2) return { operation: 'INSERT', after, whole: true }
  if (before === undefined || draw < 0.45) return { operation: 'UPDATE', before, after, whole: true }
  const column = columns[random.integer(0, columns.length - 1)] ?? 'a'
  return { operation: 'UPDATE', before, after: { id, [column]: sequence }, whole: false }
}

function advance(rows: Map<string, Row>, rowKey: string, { operation, after }: Change): void {
  if (operation === 'DELETE') rows.delete(rowKey)
  else rows.set(rowKey, { ...rows.get(rowKey), ...after })
}

function makeFate(scenario: Scenario, random: SeededRandom): LedgerEvent['fate'] {
  if (random.chance(scenario.undecodable)) return random.pick(['broken', 'broken', 'refused'])
  return random.chance(scenario.skipped) ? 'skipped' : 'sound'
}

/** A message that is no event: sometimes its row can still be told. */
function breakMessage(
  random: SeededRandom,
  message: object,
  rowKey: string,
): { bytes: Uint8Array; rowKey?: string; defect?: string } {
  switch (random.pick(['no operation', 'no JSON', 'not unpacked'])) {
    case 'no operation':
      return { bytes: Buffer.from(JSON.stringify({ ...message, operation: 'UPSERT' })), rowKey }
    case 'no JSON':
      return { bytes: Buffer.from('{"operation":') }
    case 'not unpacked':
      return { bytes: Buffer.from([0x1f, 0x8b, 0]), defect: 'the gzip stream is cut off' }
  }
}

function isTable(name: string): boolean {
  return tables.some((table) => table === name)
}

function isVersion(name: string): name is Version {
  return Object.hasOwn(columnsOf, name)
}
