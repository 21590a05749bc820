/** What happened, in words, with virtual time. Costs nothing unless it is asked for: a failing seed is simply run again. */
export class Trace {
  readonly lines: string[] = []
  readonly enabled: boolean
  readonly #start: number
  readonly #now: () => number

  constructor(enabled: boolean, now: () => number) {
    this.enabled = enabled
    this.#start = now()
    this.#now = now
  }

  /** `what` is made only when somebody wants to read it. */
  add(what: () => string): void {
    if (this.enabled) this.lines.push(`${String(this.#now() - this.#start).padStart(8)} ms  ${what()}`)
  }
}
