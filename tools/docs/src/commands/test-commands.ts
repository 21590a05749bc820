import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { documentationFiles, workspaceDirectory } from '../workspace.js'
import { type Step, stepsOf } from './page-steps.js'
import { type PageOutcome, runPage } from './run-page.js'
import { startPageServers } from './servers.js'
import { copyWorkspace } from './workspace-copy.js'

/** Runs the commands of all pages, or of those whose paths are given. Rejects, naming them, when some fail. */
export async function testCommands(wanted: readonly string[]): Promise<void> {
  const pages = await pagesWithCommands(wanted)
  const copy = await copyWorkspace()
  try {
    const failures = await runPages(pages, copy.directory)
    if (failures.length > 0) throw new Error(failures.join('\n\n'))
  } finally {
    await copy.remove()
  }
}

async function runPages(pages: ReadonlyMap<string, readonly Step[]>, directory: string): Promise<string[]> {
  const servers = await startPageServers()
  const failures: string[] = []
  const runOne = async ([page, steps]: readonly [string, readonly Step[]]) => {
    const folder = join(directory, 'reader', page.replace(/\W+/g, '-'))
    const begin = performance.now()
    const { addresses, end } = await servers.forPage(folder)
    const outcome = await runPage(page, steps, directory, addresses).finally(end)
    process.stdout.write(reportOf(page, outcome, (performance.now() - begin) / 1000))
    if (outcome.failure !== undefined) failures.push(outcome.failure)
  }
  try {
    // The first page installs into the copy that all of them use.
    const [first, ...others] = pages
    if (first !== undefined) await runOne(first)
    const waiting = others.values()
    const work = async () => {
      for (const page of waiting) await runOne(page)
    }
    await Promise.all([work(), work()])
  } finally {
    await servers.remove()
  }
  return failures
}

function reportOf(page: string, { run, checked, skipped, failure }: PageOutcome, seconds: number): string {
  const counts = `${run} run, ${checked} installations checked, ${skipped.length} not run`
  const line = `${failure === undefined ? 'ok    ' : 'FAILED'} ${page}: ${counts}, ${seconds.toFixed(0)} s\n`
  return line + skipped.map((reason) => `         not run: ${reason}\n`).join('')
}

/** Every page that has commands; one that is asked for and has none is a mistake. */
export async function pagesWithCommands(wanted: readonly string[]): Promise<Map<string, readonly Step[]>> {
  const pages = new Map<string, readonly Step[]>()
  for (const page of wanted.length > 0 ? wanted : await documentationFiles()) {
    const steps = readSteps(page, await readFile(join(workspaceDirectory, page), 'utf8'))
    if (steps.length > 0) pages.set(page, steps)
    else if (wanted.length > 0) throw new Error(`${page} has no commands`)
  }
  return pages
}

function readSteps(page: string, text: string): Step[] {
  try {
    return stepsOf(text)
  } catch (error) {
    throw new Error(`${page}, ${(error as Error).message}`)
  }
}
