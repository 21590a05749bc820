import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { WorkerExit } from './after-exit.js'
import { childVariable } from './end-with-parent.js'

/** How this program starts itself. */
export interface ProgramStart {
  /** Node's own options and the script: what stands before the first word of the command line. */
  readonly script: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly workingDirectory: string
}

/** The program that runs now. */
export function thisProgram(
  environment: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
): ProgramStart {
  return { script: [...process.execArgv, process.argv[1] ?? ''], environment, workingDirectory }
}

export interface StartedProgram {
  readonly child: ChildProcess
  /** Settles when it has ended and all that it wrote was read. */
  readonly ended: Promise<WorkerExit>
}

/** Starts this program once more, with a channel to it. It ends with this process. `onLine` gets each line that it writes. */
export function startProgram(
  { script, environment, workingDirectory }: ProgramStart,
  words: readonly string[],
  onLine: (line: string) => void,
): StartedProgram {
  const child = spawn(process.execPath, [...script, ...words], {
    cwd: workingDirectory,
    env: { ...environment, [childVariable]: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  for (const input of [child.stdout, child.stderr]) if (input) createInterface({ input }).on('line', onLine)
  const ended = new Promise<WorkerExit>((resolve) => {
    child.once('error', (error) => {
      onLine(`cannot start another process: ${error.message}`)
      resolve({ code: 1, signal: null })
    })
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, ended }
}
