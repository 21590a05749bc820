import { exitCodes } from './exit-codes.js'
import { runProgram } from './program.js'
import { untilAsked } from './signals.js'
import { runInThread, wantsLargerYoungGeneration } from './young-generation.js'

/** The `eds` program: reads the command line of this process and sets its exit code. */
export async function main(): Promise<void> {
  const words = process.argv.slice(2)
  const signal = untilAsked(process)
  process.stdout.on('error', endWhenNobodyReads)
  if (wantsLargerYoungGeneration(words, [...process.execArgv, process.env.NODE_OPTIONS ?? ''])) {
    process.exitCode = await runInThread(words, signal).catch(tell)
    return
  }
  process.exitCode = await runProgram(words, {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    environment: process.env,
    workingDirectory: process.cwd(),
    signal,
  }).catch(tell)
}

/** What no command expected. The stack helps whoever is going to repair it. */
async function tell(error: unknown): Promise<number> {
  const { Redactor } = await import('./redactor.js')
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`error: ${new Redactor().mask(text)}\n`)
  return exitCodes.error
}

/** As with `eds dead-letter list | head`. */
function endWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(exitCodes.done)
}
