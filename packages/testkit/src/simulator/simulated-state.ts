import type { StateStore } from '@eds/core'
import type { SimulatedProcess } from './simulated-process.js'

/** One process's view of a durable key-value store: atomic, in call order, durable when `write` resolves and perhaps when it rejects. */
export class SimulatedState implements StateStore {
  readonly #process: SimulatedProcess
  readonly #disk: Map<string, string>
  readonly #prefix: string
  #previous: Promise<unknown> = Promise.resolve()

  constructor(process: SimulatedProcess, disk: Map<string, string>, prefix = '') {
    this.#process = process
    this.#disk = disk
    this.#prefix = prefix
  }

  async get(key: string): Promise<string | undefined> {
    await this.#process.point(`state.get ${key}`)
    if (this.#process.world.fails('stateFails')) throw new Error('the simulated disk cannot be read')
    return this.#disk.get(this.#prefix + key)
  }

  async *entries(prefix: string): AsyncGenerator<readonly [string, string]> {
    await this.#process.point('state.entries')
    const start = this.#prefix + prefix
    const found = [...this.#disk].filter(([key]) => key.startsWith(start)).sort()
    for (const [key, value] of found) yield [key.slice(this.#prefix.length), value]
  }

  write(changes: Readonly<Record<string, string | undefined>>): Promise<void> {
    const write = this.#previous.then(() => this.#write(changes))
    this.#previous = write.catch(() => {})
    return write
  }

  namespace(name: string): StateStore {
    return new SimulatedState(this.#process, this.#disk, `${this.#prefix}${name}/`)
  }

  async #write(changes: Readonly<Record<string, string | undefined>>): Promise<void> {
    const { world } = this.#process
    const label = `${this.#prefix}${Object.keys(changes).join('+')}`
    await this.#process.point(`state.write ${label}`)
    if (world.fails('stateFails')) throw new Error('the simulated disk is full')
    for (const [key, value] of Object.entries(changes)) {
      if (value === undefined) this.#disk.delete(this.#prefix + key)
      else this.#disk.set(this.#prefix + key, value)
    }
    world.trace.add(() => `state: ${this.#prefix}${JSON.stringify(changes)}`)
    await this.#process.point(`state.written ${label}`)
    if (world.fails('stateFails')) throw new Error('the simulated disk does not say whether it wrote')
  }
}
