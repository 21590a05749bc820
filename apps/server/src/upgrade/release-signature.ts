import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EdsError } from '@eds/core'
import { z } from 'zod'

/** In the package's root: what it consists of, and the signature over exactly these bytes. */
export const releaseFiles = { manifest: 'release.json', signature: 'release.sig' } as const

const manifestSchema = z.object({
  version: z.string(),
  /** Path with slashes → SHA-512 in base64. */
  files: z.record(z.string(), z.string()),
})
export type ReleaseManifest = z.infer<typeof manifestSchema>

/** Describes the named files of a package's directory, as text to be signed. */
export async function releaseManifest(directory: string, version: string, paths: readonly string[]): Promise<string> {
  const hashed = await Promise.all([...paths].sort().map(async (path) => [path, await hash(join(directory, path))]))
  return `${JSON.stringify({ version, files: Object.fromEntries(hashed) }, null, 2)}\n`
}

/** @param privateKey - Ed25519, PEM (PKCS #8) */
export function signManifest(manifest: string, privateKey: string): string {
  return `${sign(null, Buffer.from(manifest), createPrivateKey(privateKey)).toString('base64')}\n`
}

/** The public half, PEM (SPKI). */
export function publicHalf(privateKey: string): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
}

/**
 * Checks that a package's directory holds what was released as this version: every file as it was signed, none missing, none added.
 * What npm puts below (`node_modules`) is not looked at.
 *
 * @throws EdsError `authentication` that says what is not as it was released.
 */
export async function verifyRelease(directory: string, version: string, publicKey: string): Promise<void> {
  const text = await readReleaseFile(directory, releaseFiles.manifest)
  const signature = Buffer.from(await readReleaseFile(directory, releaseFiles.signature), 'base64')
  if (!verify(null, Buffer.from(text), createPublicKey(publicKey), signature)) throw refused('its signature is wrong')
  const { version: signed, files } = manifestSchema.parse(JSON.parse(text))
  if (signed !== version) throw refused(`it is version ${signed}, not ${version}`)
  const found = await packageFiles(directory)
  const odd =
    found.find((path) => !Object.hasOwn(files, path)) ?? Object.keys(files).find((path) => !found.includes(path))
  if (odd !== undefined) throw refused(`${odd} is ${found.includes(odd) ? 'not part of the release' : 'missing'}`)
  for (const path of found) {
    if ((await hash(join(directory, path))) !== files[path]) throw refused(`${path} is not as it was released`)
  }
}

async function packageFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(directory.length + 1)
        .replaceAll('\\', '/'),
    )
  const own = new Set<string>(Object.values(releaseFiles))
  return paths.filter((path) => !path.startsWith('node_modules/') && !own.has(path))
}

async function readReleaseFile(directory: string, name: string): Promise<string> {
  return readFile(join(directory, name), 'utf8').catch(() => {
    throw refused(`it is not signed (${name} is missing)`)
  })
}

async function hash(path: string): Promise<string> {
  return createHash('sha512')
    .update(await readFile(path))
    .digest('base64')
}

function refused(reason: string): EdsError {
  return new EdsError('authentication', `the package is refused: ${reason}`)
}
