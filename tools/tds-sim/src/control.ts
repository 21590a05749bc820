import { SqlError } from './engine/sql-error.js'

/** An error that the server shall answer with once. */
export interface InjectedFailure {
  readonly number: number
  readonly message: string
  /** Severity: 16 by default; from 20 on the connection ends. */
  readonly class?: number
  /** `before`: nothing is carried out (the default). `after commit`: the next commit takes place and the error follows it. */
  readonly when?: 'before' | 'after commit'
  /** Only for a request whose text this matches; the error then tells the line of the match. */
  readonly matching?: RegExp
}

/** One request as it was received. */
export interface ReceivedStatement {
  readonly kind: 'batch' | 'rpc' | 'bulk' | 'transaction'
  readonly sql: string
  /** Rows of a bulk load, parameters of a call. */
  readonly count: number
}

/** Numbers after which SQL Server rolls the transaction back. */
const dooming: readonly number[] = [1205, 1105, 9002, 3960, 8645]

/** What tests have asked for, and what the server has seen. */
export class Control {
  readonly statements: ReceivedStatement[] = []
  readonly refused: string[] = []
  #failures: InjectedFailure[] = []
  #loseAnswers = 0
  #stalled: { readonly over: Promise<void>; readonly end: () => void } | undefined

  fail(failure: InjectedFailure): void {
    this.#failures.push(failure)
  }

  loseAnswerAfterCommit(): void {
    this.#loseAnswers += 1
  }

  stall(): void {
    if (this.#stalled) return
    let end = () => {}
    const over = new Promise<void>((resolve) => {
      end = resolve
    })
    this.#stalled = { over, end }
  }

  restore(): void {
    this.#stalled?.end()
    this.#stalled = undefined
  }

  /** Resolves when the server does not stall. */
  async whenRunning(): Promise<void> {
    await this.#stalled?.over
  }

  /** @throws {SqlError} the failure that this request shall meet instead of being carried out. */
  beforeRequest(sql: string): void {
    const failure = this.#take(
      (candidate) => candidate.when !== 'after commit' && (candidate.matching?.test(sql) ?? true),
    )
    if (!failure) return
    const error = toError(failure)
    error.line = lineOf(sql, failure.matching)
    throw error
  }

  /** What shall happen to the answer of a request that committed. */
  afterCommit(): SqlError | 'lose' | undefined {
    if (this.#loseAnswers > 0) {
      this.#loseAnswers -= 1
      return 'lose'
    }
    const failure = this.#take((candidate) => candidate.when === 'after commit')
    return failure && toError(failure)
  }

  #take(wanted: (failure: InjectedFailure) => boolean): InjectedFailure | undefined {
    const index = this.#failures.findIndex(wanted)
    return index < 0 ? undefined : this.#failures.splice(index, 1)[0]
  }
}

/** Where the part that was meant stands, as if its statement had failed. */
function lineOf(sql: string, matching: RegExp | undefined): number {
  const start = matching ? sql.search(matching) : 0
  return sql.slice(0, Math.max(start, 0)).split('\n').length
}

function toError({ number, message, class: severity = 16 }: InjectedFailure): SqlError {
  const reach = severity >= 20 ? 'connection' : dooming.includes(number) ? 'transaction' : 'batch'
  return new SqlError(number, message, { class: severity, reach })
}
