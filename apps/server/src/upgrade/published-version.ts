import { EdsError } from '@eds/core'
import { valid } from 'semver'
import { z } from 'zod'
import { usageError } from '../exit-codes.js'
import { jsonOf, type Npm, type NpmAnswer } from './npm.js'

export const packageName = '@eds/server'

/** A version that the registry has. */
export interface PublishedVersion {
  readonly version: string
  /** `sha512-<base64>` of its tarball. */
  readonly integrity: string
}

const view = z.object({ version: z.string(), dist: z.object({ integrity: z.string().startsWith('sha512-') }) })

/**
 * Looks up a version by name, with or without a `v` before it. Tags and ranges are not versions.
 *
 * @throws CommandFailure (exit code 3) when there is no such version, EdsError `connection` when the registry cannot be asked.
 */
export async function findVersion(
  npm: Npm,
  wanted: string,
  directory: string,
  signal: AbortSignal,
): Promise<PublishedVersion> {
  const version = valid(wanted)
  if (version === null) throw usageError(`${JSON.stringify(wanted)} is no version`, 'write it as 1.2.3')
  const answer = await npm(['view', `${packageName}@${version}`, 'version', 'dist'], { directory, signal })
  if (answer.code === 'E404' || (answer.isGood && answer.stdout.trim() === '')) {
    throw usageError(`there is no version ${version} of ${packageName}`)
  }
  if (!answer.isGood) throw npmFailed(answer)
  const parsed = view.safeParse(jsonOf(answer.stdout))
  if (!parsed.success)
    throw new EdsError('connection', `the registry's answer about ${packageName}@${version} cannot be read`)
  return { version: parsed.data.version, integrity: parsed.data.dist.integrity }
}

export function npmFailed({ code, summary }: NpmAnswer): EdsError {
  return new EdsError('connection', `npm: ${summary}${code === undefined ? '' : ` (${code})`}`)
}
