import { spawn } from 'node:child_process'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { childVariable } from '../supervisor/end-with-parent.js'
import type { Environment } from './npm.js'

/** How the program that is started in place of another says that it works. */
const readyMessage = 'eds-ready'
const announceVariable = 'EDS_ANNOUNCE_START'

export interface HandOver {
  readonly program: string
  readonly words: readonly string[]
  readonly environment: Environment
  readonly directory: string
  /** How long the program may take to say that it works, milliseconds. */
  readonly startMs: number
  /** It has said so. Awaited before anything else. */
  readonly onStarted: () => Promise<void>
}

/**
 * Runs another program in the place of this one, on the same terminal. Resolves to its exit code; to `undefined` when it ended, or
 * was ended, before it said that it works. The signal is passed on as SIGTERM. When this program is killed, that one ends, too.
 */
export async function handOver(plan: HandOver, signal: AbortSignal): Promise<ExitCode | undefined> {
  const child = spawn(process.execPath, [plan.program, ...plan.words], {
    cwd: plan.directory,
    env: { ...(plan.environment as NodeJS.ProcessEnv), [announceVariable]: '1', [childVariable]: '1' },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  let started: Promise<void> | undefined
  const stop = () => child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), plan.startMs)
  child.on('message', (message) => {
    if (message !== readyMessage || started) return
    clearTimeout(timer)
    started = plan.onStarted()
  })
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    })
    await started
    if (signal.aborted || started) return knownExitCode(exitCode)
    return undefined
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

function knownExitCode(code: number | null): ExitCode {
  return Object.values(exitCodes).find((known) => known === code) ?? exitCodes.error
}

/** Says, when this program runs in the place of another, that it works. */
export function announceStart(environment: Environment): void {
  if (environment[announceVariable] === undefined || process.send === undefined) return
  process.send(readyMessage)
}
