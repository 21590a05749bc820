/** One SQL statement of a batch, and what is needed to understand its failure. */
export interface Statement {
  readonly table: string
  readonly text: string
  /** COPY only: line of its data, from 0 → index of the event. */
  readonly lines?: readonly number[]
}

/** A batch as one simple query whose COPY commands read `messages`. */
export interface CopyWork {
  readonly kind: 'copy'
  readonly statements: readonly Statement[]
  /** The protocol messages of all COPY commands, one after the other. */
  readonly messages: Buffer
  /** How many values the widest row has. */
  readonly columns: number
}

export interface ParameterStatement extends Statement {
  /** Kept prepared on the connection under this name. Only where no plan can go stale: see `ParameterWriter`. */
  readonly name?: string
  readonly values: (string | null)[]
}

/** A batch as statements with parameters, sent in one go. */
export interface ParameterWork {
  readonly kind: 'parameters'
  readonly statements: readonly ParameterStatement[]
}

/** What is sent for a batch, in one transaction. Rows that it answers hold the index of an event whose row is not there. */
export type Work = CopyWork | ParameterWork
