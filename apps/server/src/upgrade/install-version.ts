import { execFile } from 'node:child_process'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EdsError } from '@eds/core'
import { z } from 'zod'
import { jsonOf, type Npm } from './npm.js'
import { findVersion, npmFailed, type PublishedVersion, packageName } from './published-version.js'
import { verifyRelease } from './release-signature.js'
import { programIn, type VersionDirectory } from './version-directory.js'

export interface Installation {
  readonly npm: Npm
  readonly versions: VersionDirectory
  /** The key that the release must be signed with, PEM. */
  readonly publicKey: string
  readonly signal: AbortSignal
}

/**
 * Installs a version of the server below the data directory: from the registry as its lock file says, signed by the release key, and
 * able to tell its own version. Nothing that runs is touched; what was installed before under that name is replaced.
 *
 * @returns the exact version
 * @throws CommandFailure or EdsError that says why not; then nothing is left behind.
 */
export async function installVersion(wanted: string, installation: Installation): Promise<string> {
  const { npm, versions, publicKey, signal } = installation
  const folder = await versions.makeFolder(wanted.replace(/[^\w.-]/g, '_'))
  try {
    const published = await findVersion(npm, wanted, folder, signal)
    await install(npm, published, folder, signal)
    const directory = versions.packageIn(folder)
    await verifyRelease(directory, published.version, publicKey)
    await checkProgram(programIn(directory), published.version, signal)
    const target = versions.folderOf(published.version)
    await rm(target, { recursive: true, force: true })
    await rename(folder, target)
    return published.version
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function install(
  npm: Npm,
  { version, integrity }: PublishedVersion,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true }))
  const words = ['install', '--save-exact', '--omit=dev', '--ignore-scripts', `${packageName}@${version}`]
  const answer = await npm(words, { directory: folder, signal })
  if (!answer.isGood) throw npmFailed(answer)
  const locked = await lockedIntegrity(folder)
  if (locked === integrity) return
  throw new EdsError(
    'authentication',
    `npm installed another ${packageName}@${version} than the registry names: ${locked}`,
  )
}

const lockFile = z.object({ packages: z.record(z.string(), z.object({ integrity: z.string().optional() })) })

async function lockedIntegrity(folder: string): Promise<string | undefined> {
  const lock = lockFile.safeParse(jsonOf(await readFile(join(folder, 'package-lock.json'), 'utf8')))
  return lock.data?.packages[`node_modules/${packageName}`]?.integrity
}

const answerMs = 60_000

async function checkProgram(program: string, version: string, signal: AbortSignal): Promise<void> {
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, [program, 'version'], { signal, timeout: answerMs }).catch((cause) => {
    throw new EdsError('unsupported', `version ${version} does not run here: ${firstLine(cause)}`, { cause })
  })
  if (stdout.trim() === version) return
  throw new EdsError('authentication', `version ${version} calls itself ${JSON.stringify(stdout.trim().slice(0, 100))}`)
}

function firstLine(error: { stderr?: string; message: string }): string {
  return (error.stderr || error.message).trim().split('\n').at(-1) ?? ''
}
