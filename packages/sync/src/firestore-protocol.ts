/** The part of the protocol that is used here: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1 */

export interface ProtocolTimestamp {
  readonly seconds?: unknown
  readonly nanos?: number | null
}

export interface FieldValue {
  readonly booleanValue?: boolean | null
  readonly stringValue?: string | null
  readonly bytesValue?: Uint8Array | string | null
  readonly timestampValue?: ProtocolTimestamp | null
  readonly arrayValue?: { readonly values?: readonly FieldValue[] | null } | null
  readonly mapValue?: { readonly fields?: FieldValues | null } | null
  readonly referenceValue?: string | null
}

export type FieldValues = Readonly<Record<string, FieldValue>>

export interface StoredDocument {
  readonly name: string
  readonly fields: FieldValues
  readonly updateTime: ProtocolTimestamp
}

/** What a document must be like for a write to be done. */
export type Condition = { readonly exists: boolean } | { readonly updateTime: ProtocolTimestamp }

/** `only`: the fields that are set; all others stay. Without it, the document is replaced. */
export type DocumentWrite =
  | {
      readonly set: string
      readonly fields: FieldValues
      readonly only?: readonly string[]
      readonly condition?: Condition
    }
  | { readonly remove: string }

export interface Comparison {
  readonly field: string
  readonly op: 'EQUAL' | 'GREATER_THAN_OR_EQUAL'
  readonly value: FieldValue
}

/** All comparisons hold; sorted by one field, then by name. */
export interface DocumentQuery {
  readonly collection: string
  readonly where: readonly Comparison[]
  readonly orderBy: string
  readonly select: readonly string[]
  readonly limit: number
  /** The last document of the page before: its value of the field of `orderBy`, and its name. */
  readonly after?: { readonly value: FieldValue; readonly name: string }
}

/** Epoch microseconds; Firestore keeps no smaller ones. */
export function toTimestamp(date: number): { seconds: number; nanos: number } {
  const seconds = Math.floor(date / 1_000_000)
  return { seconds, nanos: (date - seconds * 1_000_000) * 1_000 }
}

export function fromTimestamp({ seconds, nanos }: ProtocolTimestamp): number {
  return Number(String(seconds ?? 0)) * 1_000_000 + Math.floor((nanos ?? 0) / 1_000)
}
