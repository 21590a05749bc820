import { EdsError } from '@eds/core'
import type { SyncEvent, SyncRequest, ValueLists } from './event.js'
import { type FieldValue, type FieldValues, fromTimestamp, toTimestamp } from './firestore-protocol.js'

/** https://firebase.google.com/docs/firestore/quotas#limits; room is left for the document's name. */
export const maxDocumentBytes = 1_048_576 - 2_048
const maxNameBytes = 1_500
/** Half of a character, which no UTF-8 can hold. */
const loneSurrogate = /\p{Surrogate}/u
const reservedName = /^__.*__$/s

/** An event as EventSync stores it. `isUsed`: it never counts again. */
export function eventFields(event: SyncEvent, isUsed: boolean): FieldValues {
  const { date, eventKey, headers, queryParams, content, httpMethod } = event
  return {
    Datetime: { timestampValue: toTimestamp(date) },
    EventKey: { stringValue: eventKey },
    Headers: listsValue(headers),
    QueryParams: listsValue(queryParams),
    Content: { stringValue: content },
    Method: { stringValue: httpMethod },
    AlreadyExported: { booleanValue: isUsed },
  }
}

/** `id`: the id of the document. What EventSync left out when it was empty is empty. */
export function decodeEvent(id: string, fields: FieldValues): SyncEvent {
  return {
    id,
    date: fromTimestamp(fields.Datetime?.timestampValue ?? {}),
    eventKey: fields.EventKey?.stringValue ?? '',
    httpMethod: fields.Method?.stringValue ?? '',
    headers: decodeLists(fields.Headers),
    queryParams: decodeLists(fields.QueryParams),
    content: decodeText(fields.Content),
  }
}

/**
 * Refuses what Firestore cannot store, before it fails together with what else goes into the same commit.
 *
 * @throws EdsError `record`
 */
export function checkStorable(request: SyncRequest): void {
  const { eventKey, content, headers, queryParams } = request
  const where = `the event of "${eventKey}"`
  checkText(content, `${where}: its body`)
  for (const [part, lists] of Object.entries({ header: headers, 'query parameter': queryParams })) {
    for (const [name, values] of Object.entries(lists)) {
      checkName(name, `${where}: the ${part} "${name.slice(0, 50)}"`)
      for (const value of values) checkText(value, `${where}: the ${part} "${name.slice(0, 50)}"`)
    }
  }
  const bytes = fieldsBytes(eventFields({ ...request, id: '', date: 0 }, false))
  if (bytes <= maxDocumentBytes) return
  throw new EdsError('record', `${where} takes ${bytes} bytes`, {
    fix: `Firestore takes ${maxDocumentBytes} in a document: send less, or choose another store`,
  })
}

/** As Firestore counts: https://firebase.google.com/docs/firestore/storage-size */
export function fieldsBytes(fields: FieldValues): number {
  return Object.entries(fields).reduce((sum, [name, value]) => sum + textBytes(name) + valueBytes(value), 0)
}

function valueBytes({ stringValue, arrayValue, mapValue, booleanValue }: FieldValue): number {
  if (typeof stringValue === 'string') return textBytes(stringValue)
  if (arrayValue) return (arrayValue.values ?? []).reduce((sum, value) => sum + valueBytes(value), 0)
  if (mapValue) return fieldsBytes(mapValue.fields ?? {})
  return typeof booleanValue === 'boolean' ? 1 : 8
}

function textBytes(text: string): number {
  return Buffer.byteLength(text) + 1
}

function checkText(text: string, where: string): void {
  if (loneSurrogate.test(text)) throw new EdsError('record', `${where} is not text`, { fix: 'send UTF-8' })
}

function checkName(name: string, where: string): void {
  checkText(name, where)
  if (name !== '' && !reservedName.test(name) && Buffer.byteLength(name) <= maxNameBytes) return
  throw new EdsError('record', `${where} has a name that Firestore does not store`, {
    fix: `use one of 1 to ${maxNameBytes} bytes, not between two underscores on either side`,
  })
}

function listsValue(lists: ValueLists): FieldValue {
  const entries = Object.entries(lists).map(([name, values]) => {
    const list: FieldValue = { arrayValue: { values: values.map((stringValue) => ({ stringValue })) } }
    return [name, list] as const
  })
  return { mapValue: { fields: Object.fromEntries(entries) } }
}

function decodeLists(value: FieldValue | undefined): ValueLists {
  const lists = Object.entries(value?.mapValue?.fields ?? {}).map(([name, { arrayValue }]) => {
    return [name, (arrayValue?.values ?? []).map(({ stringValue }) => stringValue ?? '')] as const
  })
  return Object.fromEntries(lists)
}

function decodeText({ stringValue, bytesValue }: FieldValue = {}): string {
  if (bytesValue === undefined || bytesValue === null) return stringValue ?? ''
  return typeof bytesValue === 'string' ? bytesValue : Buffer.from(bytesValue).toString()
}
