import { type ChangeEvent, EdsError, type JsonValue, primaryKeyOf, type Row } from '@eds/core'
import type { ColumnPlan, TablePlan, VersionPlan } from './column-plan.js'
import { maybeUnstorable, type TextRisk } from './text-risk.js'
import { UnfitValue } from './unfit-value.js'

/** Texts of a row, by index of the column: what the database reads as the value, `null`, or `undefined` for a column not carried. */
export type RowText = (string | null | undefined)[]

/**
 * Writes the texts of the event's image into `texts`; returns how many of the version's columns it lacks.
 *
 * @throws EdsError `record` that names the column at fault.
 */
export function readImage(
  texts: RowText,
  event: ChangeEvent,
  image: Row,
  version: VersionPlan,
  risk: TextRisk,
): number {
  const { plan, includes } = version
  const { columns } = plan
  const keyCount = plan.primaryKeys.length
  let absent = 0
  let index = 0
  try {
    for (; index < columns.length; index++) {
      const column = columns[index] as ColumnPlan
      const value = includes[index] ? image[column.name] : undefined
      if (value === undefined || value === null) {
        const text = index < keyCount ? keyTexts(event, plan)[index] : nullTextOf(column, value)
        texts[index] = text
        if (text === undefined && includes[index]) absent++
      } else {
        const text = column.toText(value, column)
        if (risk === maybeUnstorable) checkStorable(text, plan)
        texts[index] = text
      }
    }
  } catch (error) {
    throw describeFault(error, event, plan, columns[index]?.name)
  }
  return absent
}

/** Writes the texts of the row's key into `texts`, nulls behind it. */
export function readKey(texts: RowText, event: ChangeEvent, plan: TablePlan): void {
  try {
    const keys = keyTexts(event, plan)
    for (let index = 0; index < plan.columns.length; index++) texts[index] = keys[index] ?? null
  } catch (error) {
    throw describeFault(error, event, plan, plan.primaryKeys.join(', '))
  }
}

function nullTextOf(column: ColumnPlan, value: null | undefined): string | null | undefined {
  if (value === undefined) return undefined
  if (column.refusesNull) throw new UnfitValue('it is null, and the column may not be null')
  return column.nullText ?? null
}

function keyTexts(event: ChangeEvent, plan: TablePlan): string[] {
  return primaryKeyOf(event, plan.primaryKeys).map((value: JsonValue, index) => {
    const column = plan.columns[index] as ColumnPlan
    const text = column.toText(value, column)
    checkStorable(text, plan)
    return text
  })
}

function checkStorable(text: string, { textFault }: TablePlan): void {
  const fault = textFault(text)
  if (fault !== undefined) throw new UnfitValue(fault)
}

function describeFault(error: unknown, event: ChangeEvent, { table }: TablePlan, column: string | undefined): unknown {
  if (!(error instanceof UnfitValue)) return error
  // Events of the stream have a region in front, imported rows of one key column have not.
  const key = event.key.length > 1 ? event.key.slice(1) : event.key
  const where = `${JSON.stringify(table)}.${JSON.stringify(column)}, row ${JSON.stringify(key.join(', '))}`
  return new EdsError('record', `a value does not fit ${where}: ${error.message}`, {
    table,
    fix: 'change the type of the column or the value at its source, then retry the dead letter',
  })
}
