import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { downloadVersion } from '../../src/upgrade/download-version.js'
import { handOver } from '../../src/upgrade/hand-over.js'
import { installVersion } from '../../src/upgrade/install-version.js'
import { npmClient } from '../../src/upgrade/npm.js'
import { VersionDirectory } from '../../src/upgrade/version-directory.js'
import { runEds, temporaryFolder } from '../eds.js'
import { publicKey, type Release, startRegistry } from './registry.js'

const timeout = 60_000
const { signal } = new AbortController()
const stranger = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

async function world(...releases: Release[]) {
  const { environment, stop } = await startRegistry(releases)
  const versions = new VersionDirectory(temporaryFolder())
  const npm = npmClient(environment)
  const install = (version: string) => installVersion(version, { npm, versions, publicKey, signal })
  return { environment, stop, versions, npm, install }
}

const wrong: [what: string, release: Release | undefined, wanted: string, message: RegExp][] = [
  ['does not exist', undefined, '9.9.9', /there is no version 9\.9\.9 of @eds\/server/],
  ['is a tag', undefined, 'latest', /"latest" is no version/],
  ['is a range', undefined, '^1.0.0', /"\^1\.0\.0" is no version/],
  ['leads elsewhere', undefined, '../../1.0.0', /is no version/],
  ['is not signed', { version: '2.0.0', key: undefined }, '2.0.0', /not signed/],
  ['is signed by a stranger', { version: '2.0.0', key: stranger }, '2.0.0', /signature is wrong/],
  [
    'was changed',
    { version: '2.0.0', tampered: { 'bin/eds.js': 'console.log("2.0.0")//' } },
    '2.0.0',
    /bin\/eds\.js is not as it was released/,
  ],
  [
    'was added to',
    { version: '2.0.0', tampered: { 'bin/more.js': '' } },
    '2.0.0',
    /bin\/more\.js is not part of the release/,
  ],
]

describe('installing a version', () => {
  test('puts it next to what runs', { timeout }, async () => {
    const { install, versions } = await world({ version: '2.0.0' })
    expect(await install('v2.0.0')).toBe('2.0.0')
    expect(existsSync(versions.programOf('2.0.0'))).toBe(true)
    expect(await install('2.0.0')).toBe('2.0.0')
    expect(readdirSync(versions.path)).toEqual(['2.0.0'])
  })

  test.each([
    ...wrong,
    ['tells another version', { version: '2.0.0', program: 'console.log("1.0.0")' }, '2.0.0', /calls itself "1\.0\.0"/],
    ['does not run', { version: '2.0.0', program: 'throw new Error("no such CPU")' }, '2.0.0', /does not run here/],
  ] satisfies typeof wrong)(
    'that %s is refused, and leaves nothing',
    { timeout },
    async (_, release, wanted, message) => {
      const { install, versions } = await world(...(release ? [release] : []))
      await expect(install(wanted)).rejects.toThrow(message)
      expect(readdirSync(versions.path)).toEqual([])
    },
  )

  test('says when the registry cannot be asked', { timeout }, async () => {
    const { install, stop } = await world()
    stop()
    await expect(install('2.0.0')).rejects.toThrow(expect.objectContaining({ code: 'connection' }))
  })
})

describe('downloading a version', () => {
  test('writes the tarball that the registry names', { timeout }, async () => {
    const { npm } = await world({ version: '2.0.0' })
    const file = join(temporaryFolder(), 'server.tgz')
    const { version, integrity } = await downloadVersion('2.0.0', { npm, publicKey, file, signal })
    expect({ version, integrity }).toMatchObject({ version: '2.0.0', integrity: expect.stringMatching(/^sha512-/) })
    expect(readFileSync(file).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
  })

  test.each(wrong)('that %s is refused, and writes nothing', { timeout }, async (_, release, wanted, message) => {
    const { npm } = await world(...(release ? [release] : []))
    const file = join(temporaryFolder(), 'server.tgz')
    await expect(downloadVersion(wanted, { npm, publicKey, file, signal })).rejects.toThrow(message)
    expect(existsSync(file)).toBe(false)
  })

  test('as a command asks for the signature of the key that publickey prints', { timeout }, async () => {
    const { environment } = await world({ version: '2.0.0' })
    const cwd = temporaryFolder()
    const env = environment as Record<string, string>
    const { code, stderr } = await runEds(['download', '2.0.0', 'server.tgz'], { cwd, env })
    expect(stderr).toBe('error: the package is refused: its signature is wrong\n')
    expect(code).toBe(1)
    expect((await runEds(['publickey'])).stdout).toMatch(/^-----BEGIN PUBLIC KEY-----\n.+\n-----END PUBLIC KEY-----\n$/)
    expect((await runEds(['download', '9.9.9', 'server.tgz'], { cwd, env })).code).toBe(3)
  })
})

describe('handing over to a version', () => {
  const ready = 'process.send("eds-ready");'
  const untilTerm = 'process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000)'
  const run = async (program: string, startMs = 30_000, stop = new AbortController()) => {
    const { versions, install } = await world({
      version: '2.0.0',
      program: `if (process.argv[2] === 'version') console.log('2.0.0'); else { ${program} }`,
    })
    await install('2.0.0')
    const onStarted = async () => {
      await versions.choose('2.0.0')
      stop.abort()
    }
    const plan = {
      program: versions.programOf('2.0.0'),
      words: ['server'],
      environment: process.env,
      directory: '/',
      startMs,
      onStarted,
    }
    return { exitCode: await handOver(plan, stop.signal), chosen: await versions.newerThan('1.0.0'), versions }
  }

  test('chooses it once it works, and passes SIGTERM on', { timeout }, async () => {
    const { exitCode, chosen, versions } = await run(`${untilTerm}; ${ready}`)
    expect({ exitCode, chosen }).toEqual({ exitCode: 0, chosen: '2.0.0' })
    expect(await versions.newerThan('2.0.0')).toBeUndefined()
    await versions.forgetChoice()
    expect(await versions.newerThan('1.0.0')).toBeUndefined()
  })

  test.each([
    ['ends at once', 'process.exit(1)', 30_000],
    ['ends well, but never worked', 'process.exit(0)', 30_000],
    ['never says that it works', 'setInterval(() => {}, 1000)', 500],
  ])('goes back when it %s', { timeout }, async (_, program, startMs) => {
    expect(await run(program, startMs)).toMatchObject({ exitCode: undefined, chosen: undefined })
  })

  test('tells how it ended after it had worked', { timeout }, async () => {
    expect(
      await run(`process.on("SIGTERM", () => process.exit(4)); setInterval(() => {}, 1000); ${ready}`),
    ).toMatchObject({ exitCode: 4 })
  })
})
