import { runProgram } from './program.js'
import { untilAsked } from './signals.js'

/** The `eds` program: reads the command line of this process and sets its exit code. */
export async function main(): Promise<void> {
  process.exitCode = await runProgram(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    environment: process.env,
    workingDirectory: process.cwd(),
    signal: untilAsked(process),
  })
}
