import { createHash } from 'node:crypto'
import type { CapturedTable, Column } from '../column.js'
import { quoteName, quoteText, textSql } from '../value-sql.js'

/** A trigger to be made. */
export interface TriggerPlan {
  readonly name: string
  readonly sql: string
}

const events = { i: 'INSERT', u: 'UPDATE', d: 'DELETE' } as const
type EventLetter = keyof typeof events

/**
 * The three triggers of a table in one version. Their names hold the version, so that those of a new version are made before those of the
 * former go: a change in between is written twice rather than not at all.
 */
export function triggerPlans(table: CapturedTable, outbox: string): TriggerPlan[] {
  return (Object.keys(events) as EventLetter[]).map((letter) => {
    const name = triggerName(letter, table, outbox)
    const body = bodyOf(letter, table, outbox)
    const on = `AFTER ${events[letter]} ON ${quoteName(table.name)} FOR EACH ROW`
    return { name, sql: `CREATE TRIGGER ${quoteName(name)} ${on} BEGIN ${body} END` }
  })
}

/** At most 64 characters, which are unique for this outbox, table and version. */
function triggerName(letter: EventLetter, { name, modelVersion }: CapturedTable, outbox: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([outbox, name, modelVersion]))
    .digest('hex')
    .slice(0, 16)
  return `eds_${letter}_${name.replaceAll(/[^A-Za-z0-9]/g, '_').slice(0, 40)}_${hash}`
}

function bodyOf(letter: EventLetter, table: CapturedTable, outbox: string): string {
  const insert = (operation: string, before: boolean, after: boolean) =>
    insertSql(table, outbox, operation, before, after)
  if (letter === 'i') return insert('I', false, true)
  if (letter === 'd') return insert('D', true, false)
  const isSameKey = table.primaryKeys
    .map((key) => `BINARY OLD.${quoteName(key)} <=> BINARY NEW.${quoteName(key)}`)
    .join(' AND ')
  const moved = `${insert('D', true, false)} ${insert('I', false, true)}`
  return `IF ${isSameKey} THEN ${insert('U', true, true)} ELSE ${moved} END IF;`
}

function insertSql(
  { name, modelVersion, columns }: CapturedTable,
  outbox: string,
  operation: string,
  before: boolean,
  after: boolean,
): string {
  const values = [
    `'${operation}'`,
    quoteText(name),
    `'${modelVersion}'`,
    'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)',
    before ? imageSql(columns, 'OLD') : 'NULL',
    after ? imageSql(columns, 'NEW') : 'NULL',
  ]
  const names = 'operation, table_name, model_version, changed_at, before_image, after_image'
  return `INSERT INTO ${quoteName(outbox)} (${names}) VALUES (${values.join(', ')});`
}

/** Column → text. Every value is a JSON string, so no number is rounded and no text is taken for a document. */
function imageSql(columns: readonly Column[], row: 'OLD' | 'NEW'): string {
  const members = columns.map((column) => {
    return `${quoteText(column.name)}, ${textSql(column, `${row}.${quoteName(column.name)}`)}`
  })
  return `JSON_OBJECT(${members.join(', ')})`
}
