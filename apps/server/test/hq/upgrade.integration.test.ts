import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { requireExecutable, requireService } from '@eds/tool-services/vitest'
import { beforeAll, expect, it } from 'vitest'
import { temporaryFolder } from '../eds.js'
import { publicKey, startRegistry } from '../upgrade/registry.js'
import { askHttp } from '../world.js'
import { stopped } from './delivering.js'
import { buildProgram, root } from './eds-process.js'
import { hqWorld } from './hq-world.js'

const nats = await requireExecutable('nats')
const postgres = await requireService('postgres')

beforeAll(buildProgram)

/** The server as it was installed, trusting the key of these tests. */
function installedServer(): string {
  const folder = join(temporaryFolder(), 'server')
  for (const part of ['bin', 'dist', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(resolve(root, '../../node_modules'), join(folder, '../node_modules'))
  const own = join(root, 'node_modules')
  if (existsSync(own)) symlinkSync(own, join(folder, 'node_modules'))
  mkdirSync(join(folder, 'keys'))
  writeFileSync(join(folder, 'keys/release.pem'), publicKey)
  return join(folder, 'bin/eds.js')
}

/** A later version: tells its version, or says that it works and how it was called, and runs until it is told to stop. */
const laterProgram = `
if (process.argv[2] === 'version') console.log('9.0.0')
else {
  process.on('SIGTERM', () => process.exit(0))
  setInterval(() => {}, 1_000)
  process.send('eds-ready', () => console.log('version 9.0.0 runs as ' + process.argv.slice(2, 4).join(' ')))
}`
const brokenProgram = `
if (process.argv[2] === 'version') console.log('8.0.0')
else throw new Error('version 8.0.0 is broken')`

nats.describe('a server that HQ upgrades', () => {
  postgres.describe('while it delivers to PostgreSQL', () => {
    it('goes on when the other version does not start, and hands over to one that does', {
      timeout: 120_000,
    }, async () => {
      const { environment } = await startRegistry([
        { version: '8.0.0', program: brokenProgram },
        { version: '9.0.0', program: laterProgram },
      ])
      const npm = Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('npm_config_')))
      const world = await hqWorld(postgres.url, { program: installedServer() })
      const { sim, cwd } = world
      await world.enroll()
      const server = world.serve(['--url', world.url], npm as Record<string, string>)
      await server.prints(/delivering from/)
      const answers = () => sim.answers.filter(({ name }) => name === 'upgrade-response').map(({ data }) => data)

      await sim.notify('upgrade', { version: '8.0.0' })
      expect(await sim.waitFor('an answer', () => answers()[0], 60_000)).toMatchObject({
        success: true,
        version: '8.0.0',
      })
      await server.prints(/version 8\.0\.0 failed to start: going on with/)
      await sim.waitFor('another session', () => sim.sessions[1], 30_000)
      await server.prints(/delivering from[\s\S]*delivering from/)
      expect(sim.sessions[0]?.end?.errored).toBe(false)

      await sim.notify('upgrade', { version: '9.0.0' })
      expect(await sim.waitFor('an answer', () => answers()[1], 60_000)).toMatchObject({
        success: true,
        version: '9.0.0',
      })
      await server.prints(/version 9\.0\.0 runs as server --server/)
      expect(sim.sessions.map(({ end }) => end?.errored)).toEqual([false, false])
      await expect(askHttp(cwd, '/')).rejects.toThrow()
      await stopped(server)

      const later = world.serve(['--url', world.url], npm as Record<string, string>)
      await later.prints(/version 9\.0\.0 runs as server --server/)
      await stopped(later)
      world.expectNoSecrets()
    })
  })
})
