import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cpuMicrosOf } from './cpu.js'

/** A program of Node.js that says `listening on … port N` once it does. */
export class ServerProgram {
  readonly port: number
  /** From the start of its process until it listened. */
  readonly startMs: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number, startMs: number) {
    this.#child = child
    this.port = port
    this.startMs = startMs
  }

  /** Rejects with what the program wrote when it ends instead. */
  static async start(words: readonly string[], folder: string, environment = {}): Promise<ServerProgram> {
    const startedAt = performance.now()
    const env = { ...process.env, NODE_OPTIONS: '', ...environment }
    const child = spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] })
    const port = await portOf(child)
    return new ServerProgram(child, port, performance.now() - startedAt)
  }

  get cpuMicros(): number {
    return cpuMicrosOf(this.#child.pid ?? 0)
  }

  get residentMegabytes(): number {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'))?.[1]
    return Number(kilobytes) / 1_024
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const closed = once(this.#child, 'close')
    this.#child.kill('SIGTERM')
    await closed
  }
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-10_000)
      const port = /listening on .*port (\d+)/.exec(output)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
    child.once('close', () => reject(new Error(`the server ended: ${output}`)))
  })
}
