import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { CaptureMode } from '../../src/index.js'

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** A process that delivers from one database into another, and can be killed as often as one likes. */
export class DeliveringChild {
  readonly #parameters: readonly string[]
  #child: ChildProcess | undefined

  constructor(source: string, mode: CaptureMode, target: string) {
    const loader = ['--conditions=@eds/source', '--import', pathOf('../../../../test-loader.mjs')]
    this.#parameters = [...loader, pathOf('../fixtures/delivering-process.ts'), source, mode, target]
  }

  async start(): Promise<void> {
    this.#child = spawn(process.execPath, this.#parameters, { stdio: ['ignore', 'pipe', 'inherit'] })
    if (this.#child.stdout) await once(this.#child.stdout, 'data')
  }

  async kill(): Promise<void> {
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }

  get isRunning(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }
}
