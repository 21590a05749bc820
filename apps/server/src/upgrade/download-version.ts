import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EdsError } from '@eds/core'
import { extract } from 'tar'
import { usageError } from '../exit-codes.js'
import type { Npm } from './npm.js'
import { findVersion, npmFailed, packageName } from './published-version.js'
import { verifyRelease } from './release-signature.js'

export interface Download {
  readonly npm: Npm
  /** PEM. */
  readonly publicKey: string
  /** Where the tarball goes; what is there is replaced. */
  readonly file: string
  readonly signal: AbortSignal
}

/**
 * Fetches the tarball of a version and checks it: by the registry's hash, and by the signature of the release. The file is written
 * only when both are right.
 *
 * @returns the exact version and the tarball's `sha512-<base64>`
 */
export async function downloadVersion(
  wanted: string,
  download: Download,
): Promise<{ version: string; integrity: string }> {
  const { npm, publicKey, file, signal } = download
  const folder = await mkdtemp(join(tmpdir(), 'eds-download-'))
  try {
    const { version, integrity } = await findVersion(npm, wanted, folder, signal)
    const tarball = await pack(npm, version, folder, signal)
    const found = `sha512-${createHash('sha512')
      .update(await readFile(tarball))
      .digest('base64')}`
    if (found !== integrity)
      throw new EdsError('authentication', `the tarball is ${found}, the registry names ${integrity}`)
    const content = join(folder, 'content')
    await mkdir(content)
    await extract({ file: tarball, cwd: content, strip: 1, strict: true })
    await verifyRelease(content, version, publicKey)
    await copyFile(tarball, file).catch(({ code }) => {
      throw usageError(`cannot write ${file} (${code})`)
    })
    return { version, integrity }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function pack(npm: Npm, version: string, folder: string, signal: AbortSignal): Promise<string> {
  const answer = await npm(['pack', `${packageName}@${version}`, '--ignore-scripts'], { directory: folder, signal })
  if (!answer.isGood) throw npmFailed(answer)
  const name = (await readdir(folder)).find((entry) => entry.endsWith('.tgz'))
  if (name === undefined) throw new EdsError('connection', 'npm has left no tarball')
  return join(folder, name)
}
