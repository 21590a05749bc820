import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { create } from 'tar'
import { onTestFinished } from 'vitest'
import { releaseFiles, releaseManifest, signManifest } from '../../src/upgrade/release-signature.js'
import { temporaryFolder } from '../eds.js'

const pair = generateKeyPairSync('ed25519')
export const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
export const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** A package of the server, such as the release process makes. */
export interface Release {
  readonly version: string
  /** The program; default: it tells its version. */
  readonly program?: string
  /** Default: the key of these tests. `undefined`: it is not signed. */
  readonly key?: string | undefined
  /** Put in after signing. */
  readonly tampered?: Readonly<Record<string, string>>
}

/** A package registry on loopback that holds these releases, and the environment in which npm asks it and nobody else. */
export async function startRegistry(releases: readonly Release[]) {
  const tarballs = new Map<string, Buffer>()
  for (const release of releases) tarballs.set(release.version, await tarballOf(release))
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    const tarball = tarballs.get(/^\/tarballs\/(.+)\.tgz$/.exec(path)?.[1] ?? '')
    if (tarball) return response.end(tarball)
    if (path === '/@eds/server') return response.end(JSON.stringify(packument(tarballs, url)))
    return response.writeHead(404).end('{"error":"not_found"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const environment = {
    ...process.env,
    npm_config_registry: url,
    npm_config_cache: temporaryFolder(),
    npm_config_fetch_retries: '0',
    EDS_CONTAINER: 'false',
  }
  return { environment, stop: () => server.close() }
}

function packument(tarballs: ReadonlyMap<string, Buffer>, url: string) {
  const versions = [...tarballs].map(([version, tarball]) => {
    const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
    const dist = { tarball: `${url}/tarballs/${version}.tgz`, integrity }
    return [version, { name: '@eds/server', version, dist, bin: { eds: 'bin/eds.js' } }]
  })
  return { name: '@eds/server', 'dist-tags': {}, versions: Object.fromEntries(versions) }
}

async function tarballOf(release: Release): Promise<Buffer> {
  const { version, tampered = {}, program = `console.log('${version}')` } = release
  const folder = temporaryFolder()
  const files = { 'package.json': JSON.stringify({ name: '@eds/server', version }), 'bin/eds.js': program }
  const write = async (name: string, content: string) => {
    await mkdir(dirname(join(folder, 'package', name)), { recursive: true })
    await writeFile(join(folder, 'package', name), content)
  }
  for (const [name, content] of Object.entries(files)) await write(name, content)
  const key = 'key' in release ? release.key : privateKey
  if (key !== undefined) {
    const manifest = await releaseManifest(join(folder, 'package'), version, Object.keys(files))
    await write(releaseFiles.manifest, manifest)
    await write(releaseFiles.signature, signManifest(manifest, key))
  }
  for (const [name, content] of Object.entries(tampered)) await write(name, content)
  await create({ file: join(folder, 'package.tgz'), cwd: folder, gzip: true }, ['package'])
  return readFile(join(folder, 'package.tgz'))
}
