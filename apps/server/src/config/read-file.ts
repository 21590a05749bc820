import { readFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { usageError } from '../exit-codes.js'
import type { Environment } from './environment-references.js'

/**
 * The content of a configuration file: JSON, YAML, or the default export of a TypeScript or JavaScript module, which is run.
 *
 * @throws CommandFailure (exit code 3) that names the place at fault; quotes nothing of the file
 */
export async function readConfigContent(path: string): Promise<unknown> {
  switch (extname(path)) {
    case '.json':
      return parseJsonFile(await textOf(path), path)
    case '.yaml':
    case '.yml':
      return parseYamlFile(await textOf(path), path)
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs':
      return runModule(path)
    default:
      throw usageError(`${path} is no configuration file`, 'name it eds.config.yaml, .json or .ts')
  }
}

/** The environment, completed by the file `.env` next to the configuration; what is set in the environment holds. */
export async function environmentFor(path: string, environment: Environment): Promise<Environment> {
  const text = await readFile(join(dirname(path), '.env'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw usageError(`cannot read ${join(dirname(path), '.env')} (${error.code})`)
  })
  const set = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '')
  return { ...parseEnv(text), ...Object.fromEntries(set) }
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(`cannot read ${path} (${error.code})`)
  })
}

/** The parser's message quotes what is there, which may be a secret: only the place is told. */
function parseJsonFile(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const at = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    const place = at === undefined ? '' : `, line ${text.slice(0, Number(at)).split('\n').length},`
    throw usageError(`${path}${place} is not JSON`)
  }
}

async function parseYamlFile(text: string, path: string): Promise<unknown> {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text, { prettyErrors: true })
  const [error] = document.errors
  if (!error) return document.toJS()
  const place = error.linePos?.[0]
  throw usageError(`${path}${place ? `, line ${place.line}, column ${place.col}` : ''} is not YAML`)
}

/** For `defineConfig`, wherever this package is installed. */
const ownModule = fileURLToPath(new URL('./schema.js', import.meta.url))

async function runModule(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  // Without caches, so that a reload sees what was changed, in modules that the file imports, too.
  const jiti = createJiti(import.meta.url, { moduleCache: false, fsCache: false, alias: { '@eds/server': ownModule } })
  try {
    return await jiti.import(path, { default: true })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw usageError(`${path} cannot be run: ${reason}`)
  }
}
