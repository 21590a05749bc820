import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../../apps/server/bin/eds.js', import.meta.url))
const keptOutput = 8_000

/** The real `eds` command in a process of its own. */
export class Worker {
  readonly #args: readonly string[]
  #process: ChildProcess | undefined
  #output = ''

  constructor(args: readonly string[]) {
    this.#args = args
  }

  start(): void {
    const child = spawn(process.execPath, [program, ...this.#args], { stdio: ['ignore', 'pipe', 'pipe'] })
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk).slice(-keptOutput)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    this.#process = child
  }

  /** Throws with the last output when the worker has ended by itself. */
  assertRunning(): void {
    const child = this.#process
    if (child && child.exitCode === null && child.signalCode === null) return
    throw new Error(`the worker ended by itself with exit code ${child?.exitCode}:\n${this.#output}`)
  }

  /** SIGKILL. Harmless when it does not run. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** SIGTERM; resolves to the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    return child.exitCode
  }
}
