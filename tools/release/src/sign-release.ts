import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { publicHalf, releaseFiles, releaseManifest, signManifest, verifyRelease } from '@eds/server/release'

const keyFile = 'keys/release.pem'

/**
 * Signs what `npm pack` would put into the package in this directory, as it is now: writes the manifest and its signature beside it.
 *
 * @param privateKey - Ed25519, PEM
 * @returns the version that was signed
 * @throws Error when the key is not the one whose public half is in the package: installed servers would refuse the release.
 */
export async function signRelease(directory: string, privateKey: string): Promise<string> {
  const publicKey = await readFile(join(directory, keyFile), 'utf8')
  if (publicHalf(privateKey).trim() !== publicKey.trim()) {
    throw new Error(`the key is not the one in ${keyFile}: installed servers would refuse the release`)
  }
  for (const name of Object.values(releaseFiles)) await rm(join(directory, name), { force: true })
  const { version } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as { version: string }
  const manifest = await releaseManifest(directory, version, await packedFiles(directory))
  await writeFile(join(directory, releaseFiles.manifest), manifest)
  await writeFile(join(directory, releaseFiles.signature), signManifest(manifest, privateKey))
  return version
}

/** Checks an unpacked package by the key in it. Throws what is not as it was released. */
export async function checkRelease(directory: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as { version: string }
  await verifyRelease(directory, version, await readFile(join(directory, keyFile), 'utf8'))
  return version
}

/** Makes a new pair: the public half into the package, the private one into a new file that only its owner can read. */
export async function createKey(directory: string, privateKeyFile: string): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const secret = privateKey.export({ type: 'pkcs8', format: 'pem' })
  await writeFile(privateKeyFile, secret, { mode: 0o600, flag: 'wx' })
  await mkdir(join(directory, 'keys'), { recursive: true })
  await writeFile(join(directory, keyFile), publicKey.export({ type: 'spki', format: 'pem' }))
}

async function packedFiles(directory: string): Promise<string[]> {
  const words = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const { stdout } = await promisify(execFile)('npm', words, { cwd: directory, maxBuffer: 64 * 1024 * 1024 })
  const [pack] = JSON.parse(stdout) as [{ files: { path: string }[] }]
  return pack.files.map(({ path }) => path)
}
