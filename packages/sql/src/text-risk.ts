import type { ChangeEvent } from '@eds/core'

/**
 * What the texts of an event may hold. JSON text can hold a backslash, a tab or a line break within a string only behind a
 * backslash, and a NUL or half a surrogate pair only as `\u…`; so a look at the event's bytes spares one at every value.
 */
export type TextRisk = 0 | 1 | 2

/** Nothing special. */
export const noRisk = 0
/** Characters that text formats (COPY, CSV) need escaped. */
export const needsEscapes = 1
/** Also characters that some databases cannot store. */
export const maybeUnstorable = 2

const riskOfEscapes = { none: noRisk, characters: needsEscapes, unicode: maybeUnstorable } as const

export function textRiskOf(event: Pick<ChangeEvent, 'bytes' | 'escapes'>): TextRisk {
  if (event.escapes !== undefined) return riskOfEscapes[event.escapes]
  const { bytes } = event
  if (bytes.length === 0) return maybeUnstorable
  const backslash = bytes.indexOf(0x5c)
  if (backslash < 0) return noRisk
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.indexOf('\\u', backslash, 'latin1') < 0 ? needsEscapes : maybeUnstorable
}
