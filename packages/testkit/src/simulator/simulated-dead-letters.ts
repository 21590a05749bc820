import type { DeadLetter, DeadLetterLog, DeadLetterStatus, DeadLetterStore, LetterFailure, Position } from '@eds/core'
import type { SimulatedProcess } from './simulated-process.js'

/** A sink's dead letters as they are on disk. */
export type LetterDisk = Map<Position, DeadLetter>

export function isWaiting({ status }: DeadLetter): boolean {
  return status === 'open' || status === 'parked'
}

/** One process's view of the dead letters of all sinks. */
export class SimulatedDeadLetters implements DeadLetterStore {
  readonly #process: SimulatedProcess
  readonly #disks: ReadonlyMap<string, LetterDisk>

  constructor(process: SimulatedProcess, disks: ReadonlyMap<string, LetterDisk>) {
    this.#process = process
    this.#disks = disks
  }

  async open(sink: string): Promise<DeadLetterLog> {
    await this.#mayFail(`dead-letters.open ${sink}`)
    return new SimulatedLog(this.#disks.get(sink) ?? new Map(), sink, this.#process, (label) => this.#mayFail(label))
  }

  async #mayFail(label: string): Promise<void> {
    await this.#process.point(label)
    if (this.#process.world.fails('deadLetterFails')) throw new Error('the simulated disk of the dead letters fails')
  }
}

class SimulatedLog implements DeadLetterLog {
  readonly #disk: LetterDisk
  readonly #sink: string
  readonly #process: SimulatedProcess
  readonly #mayFail: (label: string) => Promise<void>
  #closed = false

  constructor(disk: LetterDisk, sink: string, process: SimulatedProcess, mayFail: (label: string) => Promise<void>) {
    this.#disk = disk
    this.#sink = sink
    this.#process = process
    this.#mayFail = mayFail
  }

  async append(letters: readonly DeadLetter[]): Promise<void> {
    await this.#before('append')
    for (const letter of letters) {
      const known = this.#disk.get(letter.id)
      if (known && isWaiting(known)) continue
      this.#disk.set(letter.id, letter)
      this.#process.world.trace.add(() => `${this.#sink}: dead letter ${letter.id} ${letter.status}: ${letter.reason}`)
    }
    await this.#mayFail(`dead-letters.appended ${this.#sink}`)
  }

  async mark(ids: readonly Position[], status: DeadLetterStatus, failure?: LetterFailure): Promise<void> {
    await this.#before('mark')
    const tried = failure && { ...failure, triedAt: this.#process.world.time.now() }
    for (const id of ids) {
      const letter = this.#disk.get(id)
      if (letter) this.#disk.set(id, { ...letter, status, ...tried })
      this.#process.world.trace.add(() => `${this.#sink}: dead letter ${id} ${status}`)
    }
    await this.#mayFail(`dead-letters.marked ${this.#sink}`)
  }

  async *list(filter: { readonly status?: readonly DeadLetterStatus[] } = {}): AsyncGenerator<DeadLetter> {
    await this.#before('list')
    const { status } = filter
    const found = [...this.#disk.values()].filter((letter) => status?.includes(letter.status) ?? true)
    for (const letter of found.sort((left, right) => (left.id < right.id ? -1 : 1))) yield letter
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  async #before(what: string): Promise<void> {
    await this.#mayFail(`dead-letters.${what} ${this.#sink}`)
    if (this.#closed) this.#process.world.violate(`${this.#sink}: ${what} on dead letters that were closed`)
  }
}
