import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { MysqlOptions } from '../../src/index.js'

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** Another process that delivers a database to another one, and can be killed. */
export class ChildDelivery {
  readonly #options: MysqlOptions
  readonly #destination: string
  #child: ChildProcess | undefined
  #lines: AsyncIterator<string> | undefined
  #errors = ''

  constructor(options: MysqlOptions, destination: string) {
    this.#options = options
    this.#destination = destination
  }

  start(): void {
    const loader = ['--conditions=@eds/source', '--import', pathOf('../../../../test-loader.mjs')]
    const parameters = [pathOf('../fixtures/delivering-process.ts'), JSON.stringify(this.#options), this.#destination]
    const child = spawn(process.execPath, [...loader, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stderr?.on('data', (data) => {
      this.#errors += String(data)
    })
    this.#child = child
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  /** Waits until it has printed so many lines. */
  async lines(count: number): Promise<void> {
    for (let line = 0; line < count; line++) {
      if ((await this.#lines?.next())?.done) throw new Error(`the process ended by itself: ${this.#errors}`)
    }
  }

  /** @throws Error with what it wrote, when it has ended by itself. */
  demandRunning(): void {
    if (typeof this.#child?.exitCode === 'number') throw new Error(`the process ended by itself: ${this.#errors}`)
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}
