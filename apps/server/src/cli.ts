import { exitCodes } from './exit-codes.js'
import { runProgram } from './program.js'
import { untilAsked } from './signals.js'
import { endWithParent } from './supervisor/end-with-parent.js'

/** The `eds` program: reads the command line of this process and sets its exit code. */
export async function main(): Promise<void> {
  process.stdout.on('error', endWhenNobodyReads)
  endWithParent(process)
  process.exitCode = await runProgram(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    environment: process.env,
    workingDirectory: process.cwd(),
    signal: untilAsked(process),
    onReload: (listener) => {
      process.on('SIGHUP', listener)
      return () => process.off('SIGHUP', listener)
    },
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
