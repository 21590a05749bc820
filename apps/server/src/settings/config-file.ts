import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { z } from 'zod'
import { usageError } from '../exit-codes.js'

const configFile = z.object({
  url: z.string().min(1).optional(),
  keep_logs: z.boolean().optional(),
  drivers: z.array(z.string().min(1)).optional(),
})

/** `<data-dir>/config.toml`. Keys that are not known here are left alone. */
export interface ConfigFile {
  readonly url?: string
  readonly keepLogs?: boolean
  /** Driver packages to use besides those that the project depends on: names or directories. */
  readonly drivers?: readonly string[]
}

/**
 * Reads the configuration file; without one everything is absent.
 *
 * @throws CommandFailure (exit code 3) that names the line or the key at fault.
 */
export async function readConfigFile(dataDirectory: string): Promise<ConfigFile> {
  const path = join(dataDirectory, 'config.toml')
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return ''
    throw usageError(`cannot read ${path} (${error.code})`)
  })
  const parsed = configFile.safeParse(parseToml(content, path))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw usageError(`${path} is not right: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { url, keep_logs: keepLogs, drivers } = parsed.data
  return {
    ...(url !== undefined && { url }),
    ...(keepLogs !== undefined && { keepLogs }),
    ...(drivers !== undefined && { drivers }),
  }
}

/** The parser's message quotes the lines around the fault, which may hold a secret: only the place is told. */
function parseToml(content: string, path: string): unknown {
  try {
    return parse(content)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    throw usageError(`${path}, line ${error.line}, column ${error.column} is not TOML`, 'write keys as name = "value"')
  }
}
