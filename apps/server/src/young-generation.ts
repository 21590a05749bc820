import { Worker } from 'node:worker_threads'
import { type ExitCode, exitCodes } from './exit-codes.js'

/**
 * Megabytes for objects that do not live long. Parsing events makes so many of them that what Node gives by itself (48) costs about a
 * tenth of the processor time. V8 takes the size only when a heap is made, hence the thread.
 */
const youngGenerationMb = 96

/** None of them reads standard input, which a thread would have to be fed with. */
const busyCommands = new Set(['server', 'demo'])

interface ThreadOutput {
  readonly isTTY: boolean
  readonly columns: number
}

/** What the thread has to know of the process. */
export interface ThreadData {
  readonly words: readonly string[]
  readonly stdout: ThreadOutput
  readonly stderr: ThreadOutput
}

/**
 * Whether a command line is worth a heap of its own.
 *
 * @param nodeOptions - the options that Node was started with; who has chosen a size keeps it
 */
export function wantsLargerYoungGeneration(words: readonly string[], nodeOptions: readonly string[]): boolean {
  const isChosen = nodeOptions.some((option) => /semi[-_]space[-_]size/.test(option))
  const isHelp = words.some((word) => word === 'help' || word === '--help' || word === '-h')
  return !isChosen && !isHelp && words.some((word) => busyCommands.has(word))
}

/** Runs a command in a thread with a larger young generation. Resolves to the exit code. */
export function runInThread(words: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  const describe = ({ isTTY = false, columns = 80 }: NodeJS.WriteStream): ThreadOutput => ({ isTTY, columns })
  const workerData: ThreadData = { words, stdout: describe(process.stdout), stderr: describe(process.stderr) }
  const thread = new Worker(new URL('./thread.js', import.meta.url), {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  })
  const stop = () => thread.postMessage('stop')
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  return new Promise((resolve, reject) => {
    thread.once('error', reject)
    thread.once('exit', (code) => {
      const known = Object.values(exitCodes).find((exitCode) => exitCode === code)
      resolve(known ?? exitCodes.error)
    })
  })
}
