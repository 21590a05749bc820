import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { type Ask, completeAnswers } from './answers.js'
import { namesOf } from './describe-driver.js'
import { driverFiles } from './driver-files.js'
import { demandEmptyFolder, writeFiles } from './write-files.js'

/** What the command works with, so that tests can stand in for the terminal. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream
  readonly workingDirectory: string
}

const help = `npm create @eds/driver [name] -- [options]

Writes a complete driver package for EDS into a new folder: code, tests, README and CI.

  name                 the destination it serves, such as my-db; also @scope/driver-my-db
  --kind <kind>        the example to begin with: http (a receiver of requests) or
                       memory (a store in the process, in place of a client library)
  --scheme <scheme>    the URL scheme; default: the name
  --directory <path>   where to write; default: a folder named like the driver
  --yes                ask nothing, take the defaults
  --help, --version
`

/** Runs the command. Resolves with the exit code: 0, or 1 after a message on what is wrong. */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await create(words, terminal)
    return 0
  } catch (error) {
    terminal.output.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

async function create(words: readonly string[], terminal: Terminal): Promise<void> {
  const { values, positionals } = readWords(words)
  if (values.help) return void terminal.output.write(help)
  if (values.version) return void terminal.output.write(`${ownVersion()}\n`)
  const given = { name: positionals[0], kind: values.kind, scheme: values.scheme }
  const description = await withQuestions(terminal, values.yes, (ask) => completeAnswers(given, ask))
  const names = namesOf(description)
  const folder = resolve(terminal.workingDirectory, values.directory ?? names.directory)
  await demandEmptyFolder(folder)
  const files = await driverFiles(description)
  await writeFiles(folder, files)
  const path = relative(terminal.workingDirectory, folder) || '.'
  terminal.output.write(farewell(names.packageName, path, files.size))
}

function readWords(words: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      kind: { type: 'string' },
      scheme: { type: 'string' },
      directory: { type: 'string' },
      yes: { type: 'boolean', short: 'y', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', default: false },
    },
  })
  if (positionals.length > 1) throw new Error(`one name at a time, not ${positionals.length}: ${positionals.join(' ')}`)
  return { values, positionals }
}

async function withQuestions<T>(terminal: Terminal, yes: boolean, work: (ask: Ask) => Promise<T>): Promise<T> {
  if (yes || !terminal.input.isTTY) return work(async (question, standard) => standardAnswer(question, standard))
  const lines = createInterface({ input: terminal.input, output: terminal.output })
  try {
    return await work(async (question, standard) => {
      const hint = standard === '' ? '' : ` [${standard}]`
      return (await lines.question(`${question}${hint}: `)).trim() || standardAnswer(question, standard)
    })
  } finally {
    lines.close()
  }
}

function standardAnswer(question: string, standard: string): string {
  if (standard !== '') return standard
  throw new Error(`no answer to "${question}": see npm create @eds/driver -- --help`)
}

function ownVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}

function farewell(packageName: string, path: string, count: number): string {
  return `
${packageName}: ${count} files in ${path}

  cd ${path}
  npm install
  npm run build
  npm test

The tests are the conformance suite of EDS, and green. Put your destination in place of the example, file by file,
and keep them so: https://github.com/eds/eds/blob/main/docs/writing-a-driver.md
`
}
