import type { Connection, Submittable } from 'pg'
import type { CopyWork, ParameterStatement, ParameterWork, Work } from './work.js'

/** What a batch came to on the server. */
export interface Outcome {
  /** First column of every row that was answered: indexes of events whose row is not there. */
  readonly missing: readonly number[]
}

/** The server's error, and the statement of the batch that it stopped at. */
export class StatementError extends Error {
  readonly statement: number

  constructor(error: Error, statement: number) {
    super(error.message, { cause: error })
    this.statement = statement
  }
}

interface DataRow {
  readonly fields: readonly (string | null)[]
}

/**
 * A batch on its way through `pg`, which calls these methods as answers arrive. All is sent at once, and the statements form one
 * transaction without BEGIN and COMMIT: those of one simple query, or those in front of one Sync, are all or nothing
 * (https://www.postgresql.org/docs/current/protocol-flow.html), so an error leaves nothing to roll back.
 */
abstract class Submission implements Submittable {
  readonly settled: Promise<Outcome>
  readonly #missing: number[] = []
  readonly #resolve: (outcome: Outcome) => void
  readonly #reject: (error: Error) => void
  #completed = 0

  constructor() {
    const { promise, resolve, reject } = withResolvers<Outcome>()
    this.settled = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  abstract submit(connection: Connection): void

  handleRowDescription(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  /** Nothing to do: the data is on its way already. */
  handleCopyInResponse(): void {}

  handleDataRow({ fields }: DataRow): void {
    this.#missing.push(Number(fields[0]))
  }

  handleCommandComplete(): void {
    this.#completed++
  }

  handleError(error: Error): void {
    this.#reject(new StatementError(error, this.#completed))
  }

  handleReadyForQuery(): void {
    this.#resolve({ missing: this.#missing })
  }
}

/**
 * A simple query whose COPY data is sent without waiting for the server to ask: it is read in turn by the COPY commands. After an
 * error the server drops the rest of the data unread. Waiting would leave the server idle until this process gets round to the
 * answer (measured: 35 % more throughput).
 */
export class CopySubmission extends Submission {
  readonly #work: CopyWork

  constructor(work: CopyWork) {
    super()
    this.#work = work
  }

  submit(connection: Connection): void {
    const { stream } = connection
    stream.cork()
    connection.query(this.#work.statements.map(({ text }) => text).join(';\n'))
    stream.write(this.#work.messages)
    stream.uncork()
  }
}

/** Statements with parameters, sent together behind one Sync. `prepared` holds the names that the connection knows. */
export class ParameterSubmission extends Submission {
  readonly #statements: readonly ParameterStatement[]
  readonly #prepared: Set<string>

  constructor({ statements }: ParameterWork, prepared: Set<string>) {
    super()
    this.#statements = statements
    this.#prepared = prepared
  }

  submit(connection: Connection): void {
    const { stream } = connection
    stream.cork()
    for (const { name = '', text, values } of this.#statements) {
      if (!this.#prepared.has(name)) {
        // After an error nobody knows whether the server got to know the name; closing an unknown one is no error.
        if (name !== '') connection.close({ type: 'S', name }, true)
        connection.parse({ name, text, types: [] }, true)
        if (name !== '') this.#prepared.add(name)
      }
      connection.bind({ statement: name, values }, true)
      connection.execute({}, true)
    }
    connection.sync()
    stream.uncork()
  }

  override handleError(error: Error): void {
    for (const { name } of this.#statements) if (name !== undefined) this.#prepared.delete(name)
    super.handleError(error)
  }
}

export function submissionOf(work: Work, prepared: Set<string>): Submission {
  return work.kind === 'copy' ? new CopySubmission(work) : new ParameterSubmission(work, prepared)
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
