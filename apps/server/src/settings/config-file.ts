import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { z } from 'zod'
import { usageError } from '../exit-codes.js'
import { writePrivateFile } from '../host/data-directory.js'
import { editToml, type TomlChanges } from './toml-edit.js'

const word = z.string().min(1).optional()
const configFile = z.object({
  token: word,
  server_id: word,
  url: word,
  keep_logs: z.boolean().optional(),
  drivers: z.array(z.string().min(1)).optional(),
})

/** `<data-dir>/config.toml`. Keys that are not known here are left alone. */
export interface ConfigFile {
  /** The API key, from the enrollment. */
  readonly token?: string
  readonly serverId?: string
  readonly url?: string
  readonly keepLogs?: boolean
  /** Driver packages to use besides those that the project depends on: names or directories. */
  readonly drivers?: readonly string[]
}

/** What the program itself writes; `undefined` forgets. */
export type ConfigChanges = Partial<Record<'token' | 'server_id' | 'url', string | undefined>>

/**
 * Reads the configuration file; without one everything is absent.
 *
 * @throws CommandFailure (exit code 3) that names the line or the key at fault.
 */
export async function readConfigFile(dataDirectory: string): Promise<ConfigFile> {
  const path = configPath(dataDirectory)
  const content = await contentOf(path)
  const parsed = configFile.safeParse(withToml(path, () => parse(content)))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw usageError(`${path} is not right: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { token, server_id: serverId, url, keep_logs: keepLogs, drivers } = parsed.data
  return {
    ...(token !== undefined && { token }),
    ...(serverId !== undefined && { serverId }),
    ...(url !== undefined && { url }),
    ...(keepLogs !== undefined && { keepLogs }),
    ...(drivers !== undefined && { drivers }),
  }
}

/**
 * Changes the configuration file, which is there whole before and after, readable for its owner only. Everything else in it stays.
 *
 * @throws CommandFailure (exit code 3) as {@link readConfigFile} does.
 */
export async function changeConfigFile(dataDirectory: string, changes: ConfigChanges): Promise<void> {
  const path = configPath(dataDirectory)
  const content = await contentOf(path)
  const edited = withToml(path, () => editToml(content, changes satisfies TomlChanges))
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writePrivateFile(path, edited)
}

function configPath(dataDirectory: string): string {
  return join(dataDirectory, 'config.toml')
}

async function contentOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return ''
    throw usageError(`cannot read ${path} (${error.code})`)
  })
}

/** The parser's message quotes the lines around the fault, which may hold a secret: only the place is told. */
function withToml<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    throw usageError(`${path}, line ${error.line}, column ${error.column} is not TOML`, 'write keys as name = "value"')
  }
}
