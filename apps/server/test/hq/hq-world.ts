import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HqSim, type HqSimOptions, startHqSim } from '@eds/tool-hq-sim'
import { expect, onTestFailed, onTestFinished } from 'vitest'
import { temporaryFolder } from '../eds.js'
import { type TestDatabase, testDatabase } from '../world.js'
import { type EdsProcess, spawnEds } from './eds-process.js'
import { noteSchemas } from './note-table.js'

/** An HQ, a database, and a folder in which `eds` runs. */
export interface HqWorld {
  readonly sim: HqSim
  readonly cwd: string
  readonly database: TestDatabase
  /** The database's URL, with a password that occurs nowhere else, as HQ writes it: not escaped. */
  readonly url: string
  readonly password: string
  /** Runs `eds` to its end. */
  run(
    words: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<{ code: number | null; output: string }>
  /** Enrolls, so that `config.toml` is there. */
  enroll(): Promise<void>
  /** Starts `eds server`. */
  serve(words?: readonly string[], env?: Readonly<Record<string, string>>): EdsProcess
  /** Whatever any process here has shown or sent, searched for every secret that any of them knew. */
  expectNoSecrets(): void
}

export interface HqWorldOptions extends HqSimOptions {
  /** The script to run; default: that of this package. */
  readonly program?: string
}

export async function hqWorld(postgresUrl: string, options: HqWorldOptions = {}): Promise<HqWorld> {
  const sim = await startHqSim({ schemas: noteSchemas, ...options })
  onTestFinished(() => sim.close())
  const cwd = temporaryFolder()
  const database = await testDatabase(postgresUrl)
  const password = `p@ss/w#${randomBytes(6).toString('hex')}`
  const processes: EdsProcess[] = []
  onTestFailed(() => console.error(processes.map(({ output }) => output()).join('\n')))
  const start = (words: readonly string[], env?: Readonly<Record<string, string>>) => {
    const started = spawnEds(words, cwd, { EDS_CONTAINER: 'false', ...env }, options.program)
    processes.push(started)
    return started
  }
  const run = async (words: readonly string[], env?: Readonly<Record<string, string>>) => {
    const { ended, output } = start(words, env)
    return { code: (await ended).code, output: output() }
  }
  return {
    sim,
    cwd,
    database,
    url: await urlOfNewRole(database, password),
    password,
    run,
    enroll: async () => {
      const enrolled = await run(['enroll', sim.newEnrollmentCode(), '--api-url', sim.url])
      expect(enrolled).toEqual({ code: 0, output: `enrolled as server ${sim.serverId}: run eds server\n` })
    },
    serve: (words = [], env) =>
      start(['server', '--server', sim.natsUrl, '--port', '0', '--host', '127.0.0.1', ...words], env),
    expectNoSecrets: () => {
      const texts = [...processes.map(({ output }) => output()), ...shownToHq(sim), ...logFiles(cwd)]
      // What HQ names an upload by is told by design.
      const paths = sim.uploads.map(({ path }) => path)
      const secrets = sim.secrets().filter((secret) => !paths.some((path) => path.includes(secret)))
      for (const secret of [...secrets, password, encodeURIComponent(password)]) {
        for (const text of texts) expect(text.includes(secret), `a secret in ${text}`).toBe(false)
      }
    },
  }
}

async function urlOfNewRole(database: TestDatabase, password: string): Promise<string> {
  const name = `eds_hq_${randomBytes(6).toString('hex')}`
  await database.query(`CREATE ROLE ${name} LOGIN SUPERUSER PASSWORD '${password}'`)
  onTestFinished(async () => void (await database.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`)))
  const { host, pathname } = new URL(database.url)
  return `postgres://${name}:${password}@${host}${pathname}`
}

function shownToHq(sim: HqSim): string[] {
  const bodies = [
    ...sim.requests.map(({ body }) => body),
    ...sim.answers.map(({ data }) => data),
    ...sim.uploads.map(({ text }) => text),
  ]
  return bodies
    .filter((body) => body !== undefined)
    .map((body) => (typeof body === 'string' ? body : JSON.stringify(body, plainNumber)))
}

/** Msgpack brings 64-bit integers. */
function plainNumber(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function logFiles(cwd: string): string[] {
  const folder = join(cwd, 'data/logs')
  return existsSync(folder) ? readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')) : []
}
