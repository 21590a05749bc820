/**
 * Walks the way of somebody new by the commands of README.md alone: from a clone to the first changes delivered, and on to a PostgreSQL
 * sink made by `eds init` and looked at by `eds check`. Prints all that is seen on the way, and the seconds of each step.
 *
 * It needs a build (`npm run build`), to start servers of its own; they are named to `services:up` and take the place of the default addresses.
 *
 * With `--built` it neither clones nor installs, but goes by what is here, through links in a folder of its own: `.ci/run` has just done both.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { startNats, startPostgres } from '../tools/services/dist/index.js'

const repository = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'eds-walk-'))
const clone = join(folder, 'eds')
const patienceMs = 60_000
const events = 5_000
const steps = []
const isBuilt = process.argv.includes('--built')

/** What a clone would have, and what is made of it; not what someone has left here by trying things out. */
function linkCheckout() {
  mkdirSync(clone)
  const wanted = /^(?:apps|packages|tools|docs|node_modules|package\.json|README\.md)$/
  for (const name of readdirSync(repository).filter((entry) => wanted.test(entry))) {
    symlinkSync(join(repository, name), join(clone, name))
  }
}

/** The commands of the first block below a heading, continued lines joined, comments left out. */
function commandsBelow(heading) {
  const [, section] = readFileSync(join(clone, 'README.md'), 'utf8').split(`## ${heading}\n`)
  const block = /```sh\n([\s\S]*?)```/.exec(section ?? '')?.[1]
  if (block === undefined) throw new Error(`README.md has no commands below "${heading}"`)
  const lines = block.replace(/\\\n\s*/g, '').split('\n')
  return lines.map((line) => line.replace(/\s+#.*$/, '').trim()).filter((line) => line !== '')
}

async function timed(name, action) {
  console.log(`\n$ ${name}`)
  const began = performance.now()
  await action()
  steps.push([name, (performance.now() - began) / 1_000])
}

function start(command, environment) {
  // In a group of its own: npx, the shell and the program end together.
  return spawn(command, {
    cwd: clone,
    env: environment,
    shell: true,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

async function run(command, environment) {
  const child = start(command, environment)
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`ended with exit code ${code}: ${command}`)
}

/** Runs a server until it has delivered everything, then stops it as Ctrl-C does. */
async function serve(command, environment, database) {
  const child = start(command, environment)
  const ended = new Promise((resolve) => child.once('close', resolve))
  try {
    await delivered(environment, database, ended)
  } finally {
    if (child.exitCode === null) process.kill(-child.pid, 'SIGINT')
    await ended
  }
}

async function delivered(environment, database, ended) {
  const end = Date.now() + patienceMs
  let isOver = false
  ended.then(() => {
    isOver = true
  })
  while (Date.now() < end && !isOver) {
    const client = new pg.Client(database)
    await client.connect()
    const { rows } = await client.query(`SELECT to_regclass('"order"') IS NOT NULL AS there`)
    await client.end()
    if (rows[0].there && totalEvents(environment) >= events) return
  }
  throw new Error(isOver ? 'the server ended by itself' : 'the changes did not arrive')
}

/** As `npx eds status` tells. */
function totalEvents(environment) {
  const text = execFileSync('npx', ['eds', 'status', '--json'], { cwd: clone, env: environment, encoding: 'utf8' })
  const { sinks = [] } = JSON.parse(text)
  return sinks.reduce((total, sink) => total + (sink.totalEvents ?? 0), 0)
}

async function walk(nats, postgres) {
  const { NODE_OPTIONS: _, ...inherited } = process.env
  const environment = { ...inherited, PORT: '0', EDS_TEST_NATS_URL: nats.url, EDS_TEST_POSTGRES_URL: postgres.url }
  const here = (command) =>
    command
      .replaceAll('nats://127.0.0.1:24222', nats.url)
      .replaceAll('postgres://postgres:eds-test@127.0.0.1:25432/postgres', postgres.url)
  if (isBuilt) linkCheckout()
  else await timed('git clone', async () => execFileSync('git', ['clone', '--quiet', repository, clone]))
  const [first] = commandsBelow('Two commands')
  const beginning = first.split(' && ').filter((command) => !isBuilt || command !== 'npm install')
  for (const command of beginning) await timed(command, () => run(command, environment))
  const preparations = commandsBelow('NATS → PostgreSQL in five lines').filter(
    (command) => !command.includes('eds server'),
  )
  const configured = commandsBelow('The same by a file')
  for (const command of [...preparations, ...configured]) {
    const isServer = /^npx eds server\b/.test(command)
    const action = () => (isServer ? serve(here(command), environment, postgres.url) : run(here(command), environment))
    await timed(command.replace(/eds-test@/g, '***@'), action)
  }
}

const [nats, postgres] = await Promise.all([startNats(), startPostgres()])
try {
  await walk(nats, postgres)
} finally {
  await Promise.all([nats.remove(), postgres.remove()])
  rmSync(folder, { recursive: true, force: true })
}
console.log('\nSeconds of each step:')
for (const [name, seconds] of steps) console.log(`${seconds.toFixed(1).padStart(7)}  ${name}`)
console.log(
  `${steps
    .reduce((sum, [, seconds]) => sum + seconds, 0)
    .toFixed(1)
    .padStart(7)}  in all`,
)
