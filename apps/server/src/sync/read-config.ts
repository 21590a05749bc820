import { readFile } from 'node:fs/promises'
import type { ConfigProblem } from '@eds/sync'
import { CommandFailure, exitCodes, usageError } from '../exit-codes.js'
import { checkProgramConfig, type SyncProgramConfig } from './sync-program-config.js'

/** Where the configuration is. */
export type ConfigPlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly text: string }

export interface ReadConfig extends SyncProgramConfig {
  /** Things that deserve a word in the log. */
  readonly remarks: readonly string[]
}

/**
 * Reads and checks the configuration.
 *
 * @throws CommandFailure (exit code 3) that lists everything that is wrong, each thing with its path.
 */
export async function readSyncConfig(
  place: ConfigPlace,
  options: { readonly requireTarget: boolean },
): Promise<ReadConfig> {
  const { problems, warnings, config } = checkProgramConfig(await parsePlace(place), options)
  if (config === undefined) throw new CommandFailure(exitCodes.usage, problemText(place, problems))
  return { ...config, remarks: warnings.map(problemLine) }
}

function nameOf(place: ConfigPlace): string {
  return place.kind === 'file' ? place.path : 'the environment variable CONFIG'
}

async function parsePlace(place: ConfigPlace): Promise<unknown> {
  const text = place.kind === 'file' ? await readText(place.path) : place.text
  try {
    // Errors of JSON.parse quote the text around the fault, and tell less than those of the YAML parser. JSON is YAML.
    const { parse } = await import('yaml')
    return parse(text, { prettyErrors: false })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw usageError(`${nameOf(place)} is neither JSON nor YAML${lineText(text, error)}: ${reason}`)
  }
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(`cannot read ${path} (${error.code})`, 'check --config')
  })
}

/** ` (line 3)`, when the parser says where. */
function lineText(text: string, error: unknown): string {
  const offset = typeof error === 'object' && error !== null && 'pos' in error ? (error.pos as [number])[0] : undefined
  return offset === undefined ? '' : ` (line ${text.slice(0, offset).split('\n').length})`
}

function problemText(place: ConfigPlace, problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  return `${nameOf(place)} has ${count}: ${problems.map(problemLine).join('; ')}`
}

function problemLine({ path, message }: ConfigProblem): string {
  return `${path === '' ? 'the configuration' : path} ${message}`
}
