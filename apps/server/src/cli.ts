import { exitCodes } from './exit-codes.js'
import { processWarnings } from './logging/process-warnings.js'
import { runProgram } from './program.js'
import { untilAsked } from './signals.js'
import { endWithParent } from './supervisor/end-with-parent.js'

/** The `eds` program: reads the command line of this process and sets its exit code. */
export async function main(): Promise<void> {
  process.stdout.on('error', endWhenNobodyReads)
  processWarnings.takeOver(process, (text) => void tellLine(`warning: ${text}`))
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
  await tellLine(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return exitCodes.error
}

async function tellLine(text: string): Promise<void> {
  const { Redactor } = await import('./redactor.js')
  process.stderr.write(`${new Redactor().mask(text)}\n`)
}

/** As with `eds dead-letter list | head`. */
function endWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(exitCodes.done)
}
