/** A moment, as the protocol has it: whole seconds as text, and the rest. */
export interface Timestamp {
  readonly seconds?: string
  readonly nanos?: number
}

/** A value of a field; exactly one of these is there. The kinds that nothing here asks about are kept as they come. */
export interface Value {
  readonly nullValue?: string
  readonly booleanValue?: boolean
  readonly integerValue?: string
  readonly doubleValue?: number
  readonly timestampValue?: Timestamp
  readonly stringValue?: string
  readonly bytesValue?: Buffer
  readonly referenceValue?: string
  readonly arrayValue?: { readonly values?: readonly Value[] }
  readonly mapValue?: { readonly fields?: Fields }
}

export type Fields = Readonly<Record<string, Value>>

export interface Document {
  /** `projects/<project>/databases/<database>/documents/<collection>/<id>` */
  readonly name: string
  readonly fields?: Fields
  readonly createTime?: Timestamp
  readonly updateTime?: Timestamp
}

export interface Precondition {
  readonly exists?: boolean
  readonly updateTime?: Timestamp
}

export interface Write {
  readonly update?: Document
  readonly delete?: string
  readonly transform?: unknown
  readonly updateMask?: { readonly fieldPaths?: readonly string[] }
  readonly updateTransforms?: readonly unknown[]
  readonly currentDocument?: Precondition
}

export interface WriteResult {
  readonly updateTime?: Timestamp
}

export interface FieldReference {
  readonly fieldPath?: string
}

export interface Filter {
  readonly compositeFilter?: { readonly op?: string; readonly filters?: readonly Filter[] }
  readonly fieldFilter?: { readonly field?: FieldReference; readonly op?: string; readonly value?: Value }
  readonly unaryFilter?: unknown
}

export interface Order {
  readonly field?: FieldReference
  readonly direction?: string
}

export interface Cursor {
  readonly values?: readonly Value[]
  readonly before?: boolean
}

export interface StructuredQuery {
  readonly select?: { readonly fields?: readonly FieldReference[] }
  readonly from?: readonly { readonly collectionId?: string; readonly allDescendants?: boolean }[]
  readonly where?: Filter
  readonly orderBy?: readonly Order[]
  readonly startAt?: Cursor
  readonly endAt?: Cursor
  readonly offset?: number
  readonly limit?: { readonly value?: number }
}

/** Of both kinds of read: which transaction they belong to, if any. */
export interface Consistency {
  readonly transaction?: Buffer
  readonly newTransaction?: unknown
  readonly readTime?: Timestamp
}

export interface BatchGetRequest extends Consistency {
  readonly documents?: readonly string[]
}

export interface RunQueryRequest extends Consistency {
  readonly parent: string
  readonly structuredQuery?: StructuredQuery
}

export interface CommitRequest {
  readonly writes?: readonly Write[]
  readonly transaction?: Buffer
}

/** Index of the admin API. */
export interface Index {
  readonly queryScope?: string
  readonly fields?: readonly { readonly fieldPath?: string; readonly order?: string }[]
}
