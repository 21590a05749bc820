import type { Fields, Value } from './protocol.js'
import { Refusal } from './refusal.js'

/** https://firebase.google.com/docs/firestore/quotas#limits */
export const maxDocumentBytes = 1_048_576
export const maxRequestBytes = 10 * 2 ** 20
const maxNameBytes = 1_500
/** Half of a character, which no UTF-8 can hold. */
const loneSurrogate = /\p{Surrogate}/u

/** @throws Refusal `INVALID_ARGUMENT` for what the server does not store. */
export function checkDocument(name: string, fields: Fields): void {
  for (const id of name.split('/').slice(5)) checkId(id)
  const bytes = documentBytes(name, fields)
  if (bytes > maxDocumentBytes) {
    const text = `Document "${name}" cannot be written because its size (${bytes} bytes) exceeds the maximum allowed size`
    throw new Refusal('INVALID_ARGUMENT', `${text} of ${maxDocumentBytes} bytes.`)
  }
}

/** https://firebase.google.com/docs/firestore/storage-size */
function documentBytes(name: string, fields: Fields): number {
  const path = name.split('/').slice(5)
  return path.reduce((sum, id) => sum + textBytes(id), 16) + mapBytes(fields) + 32
}

function mapBytes(fields: Fields): number {
  return Object.entries(fields).reduce((sum, [name, value]) => {
    checkFieldName(name)
    return sum + textBytes(name) + valueBytes(value)
  }, 0)
}

function valueBytes({ stringValue, bytesValue, referenceValue, arrayValue, mapValue, ...others }: Value): number {
  if (stringValue !== undefined) return textBytes(stringValue)
  if (referenceValue !== undefined) return textBytes(referenceValue)
  if (bytesValue !== undefined) return bytesValue.length
  if (arrayValue !== undefined) return (arrayValue.values ?? []).reduce((sum, value) => sum + valueBytes(value), 0)
  if (mapValue !== undefined) return mapBytes(mapValue.fields ?? {})
  return others.booleanValue !== undefined || others.nullValue !== undefined ? 1 : 8
}

function textBytes(text: string): number {
  if (loneSurrogate.test(text)) throw new Refusal('INVALID_ARGUMENT', 'Invalid UTF-8 in a string.')
  return Buffer.byteLength(text) + 1
}

function checkFieldName(name: string): void {
  if (name === '') throw new Refusal('INVALID_ARGUMENT', 'The property name is the empty string.')
  if (/^__.*__$/.test(name)) throw new Refusal('INVALID_ARGUMENT', `The property name "${name}" is reserved.`)
  if (Buffer.byteLength(name) > maxNameBytes) throw new Refusal('INVALID_ARGUMENT', 'The property name is too long.')
}

function checkId(id: string): void {
  if (id !== '' && id !== '.' && id !== '..' && !/^__.*__$/.test(id) && Buffer.byteLength(id) <= maxNameBytes) return
  throw new Refusal('INVALID_ARGUMENT', `Resource id "${id}" is invalid.`)
}
