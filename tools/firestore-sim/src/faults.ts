import { Refusal, type StatusName } from './refusal.js'

export type Method =
  | 'commit'
  | 'batchWrite'
  | 'batchGetDocuments'
  | 'runQuery'
  | 'beginTransaction'
  | 'rollback'
  | 'createIndex'

export interface Fault {
  readonly method: Method
  readonly status: StatusName
  /** How many calls in a row. Default: 1. */
  readonly times?: number
  /** The call does its work all the same; only the answer is lost. Default: false. */
  readonly applied?: boolean
}

/** What goes wrong on demand, and how often each method was called. */
export class Faults {
  readonly calls = new Map<Method, number>()
  #faults: { method: Method; status: StatusName; left: number; applied: boolean }[] = []

  add({ method, status, times = 1, applied = false }: Fault): void {
    this.#faults.push({ method, status, left: times, applied })
  }

  /** Does the work, unless a fault prevents it or loses its answer. */
  around<T>(method: Method, work: () => T): T {
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1)
    const fault = this.#faults.find((candidate) => candidate.method === method)
    if (fault === undefined) return work()
    if (--fault.left === 0) this.#faults = this.#faults.filter((other) => other !== fault)
    if (fault.applied) work()
    throw new Refusal(fault.status, `${fault.status} on demand`)
  }
}
