import { CommanderError, Command as Program } from 'commander'
import type { Command, CommandIo } from './command.js'
import { declareCommands } from './command-line/commands.js'
import { type ExitCode, exitCodes } from './exit-codes.js'

/** A command's module, imported when the command is called and not before: `eds version` loads none of the others. */
export type LoadCommand = () => Promise<{ readonly command: Command }>

/** Runs one command line and resolves to its exit code. What fails is told in one line on `stderr`. */
export async function runProgram(words: readonly string[], io: CommandIo): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done
  const complaints: string[] = []
  const program = new Program('eds').exitOverride().configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => complaints.push(text),
  })
  declareCommands(program, {
    io,
    call: async (load, called) => {
      exitCode = await callCommand(load, called, io)
    },
  })
  try {
    await program.parseAsync(withCommand(words), { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return await endOfParsing(error, complaints, io)
  }
}

/** The older generation of the EDS server has one command, and its name may be left out. */
function withCommand(words: readonly string[]): string[] {
  const [first] = words
  if (first === undefined) return ['help']
  const isNamed = !first.startsWith('-') && !first.includes('://')
  const hasCredentials = words.some((word) => /^--creds(?:=|$)/.test(word))
  return hasCredentials && !isNamed ? ['server', ...words] : [...words]
}

async function callCommand(load: LoadCommand, program: Program, io: CommandIo): Promise<ExitCode> {
  const { Redactor } = await import('./redactor.js')
  const redactor = new Redactor()
  const options: Record<string, unknown> = program.optsWithGlobals()
  try {
    const { command } = await load()
    return await command({ options, operands: program.args, flagOf: (option) => flagOf(program, option), io, redactor })
  } catch (error) {
    const { errorLine, exitCodeOf } = await import('./failure.js')
    const isUnexpected = options.verbose === true && error instanceof Error && error.name.endsWith('TypeError')
    const line = isUnexpected ? (error.stack ?? error.message) : errorLine(error)
    io.stderr.write(`error: ${redactor.mask(line)}\n`)
    return exitCodeOf(error)
  }
}

/** `maxAckPending` → `--maxAckPending`. */
function flagOf(program: Program | null, option: string): string {
  if (program === null) return `--${option}`
  const known = program.options.find((candidate) => candidate.attributeName() === option)
  return known?.long ?? flagOf(program.parent, option)
}

/** Help and versions end parsing too; everything else is a wrong command line. */
async function endOfParsing(error: CommanderError, complaints: readonly string[], io: CommandIo): Promise<ExitCode> {
  if (error.exitCode === 0) return exitCodes.done
  const { Redactor } = await import('./redactor.js')
  const complaint = complaints
    .join('')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
  io.stderr.write(`${new Redactor().mask(complaint)}\n`)
  return exitCodes.usage
}
