import { existsSync } from 'node:fs'
import { open, readFile, writeFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { parseEnv } from 'node:util'
import { usageError } from '../exit-codes.js'
import { configSchema, type EdsConfig } from './schema.js'

/**
 * Writes a configuration file that is not there yet, and its secrets into `.env` next to it, readable for the owner only.
 *
 * @returns the names of the variables that were written
 * @throws CommandFailure (exit code 3) when a file is there, or `.env` has another value for a variable; nothing was written then
 */
export async function writeConfig(
  path: string,
  config: EdsConfig,
  secrets: Readonly<Record<string, string>>,
): Promise<string[]> {
  refuseOverwriting(path)
  const text = await configText(path, config)
  const written = await addToEnvironmentFile(join(dirname(path), '.env'), secrets)
  // A URL may hold keys besides its password.
  await writeFile(path, text, { flag: 'wx', mode: 0o600 })
  return written
}

/** @throws CommandFailure (exit code 3) when there is such a file. */
export function refuseOverwriting(path: string): void {
  if (existsSync(path)) throw usageError(`${path} is there already`, 'change it by hand, or name another with --config')
}

async function configText(path: string, config: EdsConfig): Promise<string> {
  configSchema.parse(config)
  switch (extname(path)) {
    case '.yaml':
    case '.yml': {
      const { stringify } = await import('yaml')
      return stringify(config)
    }
    case '.json':
      return `${JSON.stringify(config, null, 2)}\n`
    case '.ts':
    case '.mts':
      return `import { defineConfig } from '@eds/server'\n\nexport default defineConfig(${JSON.stringify(config, null, 2)})\n`
    default:
      throw usageError(`${path} is no name for a configuration file`, 'name it eds.config.yaml, .json or .ts')
  }
}

async function addToEnvironmentFile(path: string, secrets: Readonly<Record<string, string>>): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const known = parseEnv(text)
  const added = Object.entries(secrets).filter(([name, value]) => {
    if (known[name] === undefined) return true
    if (known[name] === value) return false
    throw usageError(`${path} holds another ${name}`, 'remove it there, or call the sink something else')
  })
  if (added.length === 0) return []
  const lines = added.map(([name, value]) => `${name}=${quoted(name, value)}\n`)
  const file = await open(path, 'a', 0o600)
  try {
    await file.write((text === '' || text.endsWith('\n') ? '' : '\n') + lines.join(''))
  } finally {
    await file.close()
  }
  return added.map(([name]) => name)
}

/** In quotes that the value does not hold: no `.env` knows how to escape them. */
function quoted(name: string, value: string): string {
  const quote = ["'", '`', '"'].find((mark) => !value.includes(mark))
  if (quote === undefined || /[\r\n]/.test(value)) {
    throw usageError(`${name} cannot be written into .env`, 'set the variable in the environment by hand')
  }
  return quote + value + quote
}
