import { type ChangeEvent, compareMvcc, EdsError, isEdsError } from '@eds/core'
import type { TablePlan, VersionPlan } from './column-plan.js'
import { type RowText, readImage, readKey } from './row-text.js'
import { noRisk, type TextRisk, textRiskOf } from './text-risk.js'

/** By name of the table. */
export type TablePlans<Plan extends TablePlan = TablePlan> = ReadonlyMap<string, Plan>

/** A batch sorted by row: which event changed which row, and how. */
export interface RowChains<Plan extends TablePlan = TablePlan> {
  /** Index of the last event of every row of a table, rows in order of their first event. */
  readonly lastByTable: ReadonlyMap<Plan, readonly number[]>
  /** Index of the event → index of the event before it of the same row, or -1. */
  readonly previous: Int32Array
  readonly versions: readonly VersionPlan[]
}

/**
 * Finds the events of each row.
 *
 * @throws EdsError `schema` when a table or version has not been prepared, or an open schema does not name a property.
 */
export function chainRows<Plan extends TablePlan>(
  events: readonly ChangeEvent[],
  plans: TablePlans<Plan>,
): RowChains<Plan> {
  const previous = new Int32Array(events.length).fill(-1)
  const slots = new Map<string, number>()
  const last: number[] = []
  const versions: VersionPlan[] = []
  for (let index = 0; index < events.length; index++) {
    const event = events[index] as ChangeEvent
    versions.push(versionOf(event, index, plans))
    const slot = slots.get(event.rowKey)
    if (slot === undefined) {
      slots.set(event.rowKey, last.length)
      last.push(index)
    } else {
      previous[index] = last[slot] as number
      last[slot] = index
    }
  }
  return { lastByTable: groupByTable(last, events, plans), previous, versions }
}

function groupByTable<Plan extends TablePlan>(
  last: readonly number[],
  events: readonly ChangeEvent[],
  plans: TablePlans<Plan>,
): Map<Plan, number[]> {
  const groups = new Map<Plan, number[]>()
  for (const index of last) {
    // Prepared: its version was looked up before.
    const plan = plans.get((events[index] as ChangeEvent).table) as Plan
    const group = groups.get(plan)
    if (group === undefined) groups.set(plan, [index])
    else group.push(index)
  }
  return groups
}

function versionOf(event: ChangeEvent, index: number, plans: TablePlans): VersionPlan {
  const { table, modelVersion, after } = event
  const version = plans.get(table)?.versions.get(modelVersion)
  if (version === undefined) {
    throw new EdsError('schema', `version ${modelVersion} of table "${table}" has not been prepared`, { index, table })
  }
  if (version.knownProperties !== undefined && after !== undefined) {
    for (const name in after) {
      if (version.knownProperties.has(name) || after[name] === null || after[name] === undefined) continue
      throw new EdsError(
        'schema',
        `an event of table "${table}" has a property "${name}" that its schema does not name`,
        {
          index,
          table,
        },
      )
    }
  }
  return version
}

/** The events of one row up to `last`, in order. */
export function chainOf(previous: Int32Array, last: number): number[] {
  const chain: number[] = []
  for (let index = last; index >= 0; index = previous[index] as number) chain.push(index)
  return chain.reverse()
}

/** What the events of a row come to. */
export interface FoldedRow {
  /** The key, when the row has to be deleted (first, if there is an image too). */
  readonly deleted?: RowText
  /** What is to be set: later images win, column by column. */
  readonly image?: RowText
  /** The highest of all that was folded. */
  readonly risk: TextRisk
  /** The last event that took effect. */
  readonly index: number
  /** The first event that cannot be applied: neither it nor what follows it has any effect. */
  readonly fault?: { readonly place: number; readonly error: EdsError }
}

/** Applies the events of one row to each other. `chain` holds their indexes, in order. */
export function foldRow(
  events: readonly ChangeEvent[],
  chain: readonly number[],
  versions: readonly VersionPlan[],
): FoldedRow {
  let folded: FoldedRow = { risk: noRisk, index: -1 }
  for (const [place, index] of chain.entries()) {
    const event = events[index] as ChangeEvent
    const version = versions[index] as VersionPlan
    if (version.plan.guard && isOlder(event, events[folded.index])) continue
    try {
      folded = applyEvent(folded, event, version, index)
    } catch (error) {
      if (isEdsError(error) && error.code === 'record') return { ...folded, fault: { place, error } }
      throw error
    }
  }
  return folded
}

function isOlder(event: ChangeEvent, applied: ChangeEvent | undefined): boolean {
  return applied !== undefined && compareMvcc(event.mvccTimestamp, applied.mvccTimestamp) < 0
}

function applyEvent(row: FoldedRow, event: ChangeEvent, version: VersionPlan, index: number): FoldedRow {
  const own = textRiskOf(event)
  const risk = own > row.risk ? own : row.risk
  if (event.operation === 'DELETE') {
    const deleted: RowText = []
    readKey(deleted, event, version.plan)
    return { deleted, risk, index }
  }
  const image: RowText = []
  const absent = readImage(image, event, event.after ?? {}, version, own)
  if (row.deleted !== undefined && row.image === undefined) checkInsertable(image, absent, event, version)
  return { ...row, image: row.image === undefined ? image : mergeTexts(row.image, image), risk, index }
}

function mergeTexts(earlier: RowText, later: RowText): RowText {
  return later.map((text, index) => (text === undefined ? earlier[index] : text))
}

/** @throws EdsError `record` when the row is known to be absent and the image cannot make one. */
function checkInsertable(image: RowText, absent: number, event: ChangeEvent, { plan, whole }: VersionPlan): void {
  const set = absent === 0 ? whole : plan.sets.of(image.map((text) => text !== undefined))
  if (!set.insertable) throw cannotInsert(event, plan)
}

/** A change that lacks columns which may not be null, for a row that is not there. */
export function cannotInsert({ key }: ChangeEvent, { table, columns }: TablePlan): EdsError {
  const names = columns.flatMap(({ name, mandatory }) => (mandatory ? [name] : [])).join(', ')
  const row = JSON.stringify(key.slice(1).join(', '))
  return new EdsError(
    'record',
    `row ${row} is not in "${table}", and the change lacks some column that may not be null (${names})`,
    {
      table,
      fix: 'import the table, or allow nulls in these columns, then retry the dead letter',
    },
  )
}
