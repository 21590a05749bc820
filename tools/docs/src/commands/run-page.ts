import { mkdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { checkInstallation } from './installation.js'
import type { Step } from './page-steps.js'
import { type Background, runCommands, type Shell, startCommands } from './shell.js'
import { type Addresses, substitute } from './substitute.js'

/** What came of the steps of a page. */
export interface PageOutcome {
  readonly run: number
  readonly checked: number
  /** Lines with reasons. */
  readonly skipped: readonly string[]
  /** What failed: nothing after it was run. */
  readonly failure?: string
}

/** Runs the steps of a page one after the other, in a folder of a workspace, up to the first that fails. */
export async function runPage(
  page: string,
  steps: readonly Step[],
  workspace: string,
  addresses: Addresses,
): Promise<PageOutcome> {
  const { folder } = addresses
  await mkdir(join(folder, 'tmp'), { recursive: true })
  const shell = { directory: folder, environment: environmentFor(workspace, addresses) }
  const skipped = steps.flatMap(({ handling, line }) =>
    handling.kind === 'skip' ? [`${page}:${line}: ${handling.reason}`] : [],
  )
  const count = (...kinds: Step['handling']['kind'][]) =>
    steps.filter(({ handling }) => kinds.includes(handling.kind)).length
  const failure = await runSteps(page, steps, shell, addresses)
  const outcome = { run: count('run', 'background'), checked: count('installation'), skipped }
  return failure === undefined ? outcome : { ...outcome, failure }
}

async function runSteps(
  page: string,
  steps: readonly Step[],
  shell: Shell,
  addresses: Addresses,
): Promise<string | undefined> {
  let background: Background | undefined
  const stop = async () => {
    const running = background
    background = undefined
    await running?.interrupt()
  }
  let line = 0
  try {
    for (const step of steps) {
      line = step.line
      const commands = substitute(step.commands, addresses)
      if (step.handling.kind === 'run') await runCommands(commands, shell, step.handling.typed)
      if (step.handling.kind === 'installation') await checkInstallation(step.commands)
      if (step.handling.kind === 'background' || step.handling.kind === 'stop') await stop()
      if (step.handling.kind === 'background') background = await startCommands(commands, step.handling.until, shell)
    }
    await stop()
    return undefined
  } catch (error) {
    await background?.interrupt().catch(() => undefined)
    return `${page}:${line}: ${(error as Error).message}`
  }
}

/** That of a reader who has installed EDS: nothing of this workspace's tests, no colours, nothing that npx would have to download. */
function environmentFor(workspace: string, { port }: Addresses): NodeJS.ProcessEnv {
  const foreign = /^(?:EDS_(?!TEST_|SERVICES_)|npm_|NODE_|VITEST)/i
  const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name))
  return {
    ...Object.fromEntries(inherited),
    PATH: `${join(workspace, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
    PORT: String(port),
    NO_COLOR: '1',
    NX_DAEMON: 'false',
    npm_config_yes: 'false',
  }
}
