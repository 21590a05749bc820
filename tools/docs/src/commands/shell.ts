import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** Where commands run. */
export interface Shell {
  readonly directory: string
  readonly environment: NodeJS.ProcessEnv
}

const limitMs = 180_000
const endMs = 30_000

/** Runs commands; any that fails ends them. Rejects with the end of the output unless the exit code is 0. `typed` is entered on a terminal. */
export async function runCommands(commands: string, shell: Shell, typed?: string): Promise<void> {
  const script = `set -eo pipefail\n${commands}`
  const started = typed === undefined ? start('bash', ['-c', script], shell) : startOnTerminal(script, shell)
  if (typed !== undefined) started.child.stdin?.write(`${typed}\n`)
  const timer = setTimeout(() => signalGroup(started.child, 'SIGKILL'), limitMs)
  const [code, signal] = (await once(started.child, 'close')) as [number | null, string | null]
  clearTimeout(timer)
  if (code !== 0) throw new Error(`ended with ${signal ?? `exit code ${code}`}:\n${started.output()}`)
}

/** A program of a page that runs on while its readers try other commands. */
export interface Background {
  /** As Ctrl-C does. Rejects when the program does not end by itself, or ends with a failure. */
  interrupt(): Promise<void>
}

/** Starts commands and resolves as soon as their output holds `until`. Rejects when they end before, or take too long. */
export async function startCommands(commands: string, until: string, shell: Shell): Promise<Background> {
  const { child, output } = start('bash', ['-c', `set -eo pipefail\n${commands}`], shell)
  const closed = once(child, 'close')
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => {
      signalGroup(child, 'SIGKILL')
      reject(new Error(`${why} before "${until}" was seen:\n${output()}`))
    }
    const timer = setTimeout(() => fail('too much time passed'), limitMs)
    const look = () => {
      if (!output().includes(until)) return
      clearTimeout(timer)
      resolve()
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('close', () => fail('it ended'))
  })
  return { interrupt: () => interrupt(child, closed, output) }
}

async function interrupt(child: ChildProcess, closed: Promise<unknown[]>, output: () => string): Promise<void> {
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), endMs)
  signalGroup(child, 'SIGINT')
  const [, signal] = await closed
  clearTimeout(timer)
  if (signal === 'SIGKILL') throw new Error(`did not end when it was interrupted:\n${output()}`)
}

function startOnTerminal(script: string, shell: Shell): ReturnType<typeof start> {
  const environment = { ...shell.environment, EDS_DOCS_SCRIPT: script }
  return start('script', ['-qefc', 'bash -c "$EDS_DOCS_SCRIPT"', '/dev/null'], { ...shell, environment }, 'pipe')
}

function start(program: string, words: readonly string[], shell: Shell, stdin: 'ignore' | 'pipe' = 'ignore') {
  const stdio: ['ignore' | 'pipe', 'pipe', 'pipe'] = [stdin, 'pipe', 'pipe']
  const child = spawn(program, words, { cwd: shell.directory, env: shell.environment, detached: true, stdio })
  let text = ''
  const keep = (chunk: Buffer) => {
    text = `${text}${chunk.toString()}`.slice(-20_000)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return { child, output: () => text }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}
