import { shopEvents, shopTables } from '@eds/shop'
import type { HqSim } from './hq-sim.js'
import { exportOfShop } from './shop-export.js'

/** What a line of the prompt brought. */
export interface PromptResult {
  /** What to print; may be empty. */
  readonly text: string
  /** False when the command failed. */
  readonly ok: boolean
  readonly quit: boolean
}

/** The prompt without its terminal. */
export interface Prompt {
  /** How to try it, for the start. */
  greeting(): string
  /** Runs one line. Never rejects. */
  run(line: string): Promise<PromptResult>
}

interface Command {
  readonly usage: string
  readonly help: string
  run(sim: HqSim, rest: string, since: number): Promise<string> | string
}

const waitTimeoutMs = 60_000

const commands: Readonly<Record<string, Command>> = {
  code: { usage: 'code', help: 'a new enrollment code, and the commands for it', run: enrollCommands },
  notify: {
    usage: 'notify <action> [json]',
    help: 'send a notification to the newest session',
    run: async (sim, rest) => {
      await sim.notify(...action(rest))
      return 'sent'
    },
  },
  request: {
    usage: 'request <action> [json]',
    help: 'the same, and print the reply (configure, driverconfig, validate)',
    run: async (sim, rest) => JSON.stringify(await sim.request(...action(rest)), undefined, 2),
  },
  ping: {
    usage: 'ping',
    help: 'wait for a pong',
    run: async (sim) => {
      await sim.ping()
      return 'pong'
    },
  },
  wait: {
    usage: 'wait session|<answer name>',
    help: 'wait until a session runs and listens, or the last notification is answered, as by import-response',
    run: waitFor,
  },
  events: {
    usage: 'events <n> [seed]',
    help: 'publish events of the shop, dated now',
    run: async (sim, rest) => {
      const [events = 0, seed = 1] = rest.split(/\s+/).filter(Boolean).map(Number)
      if (!Number.isSafeInteger(events) || events < 1) throw new Error('how many? events <n>')
      // Those of 2024, as the shop dates them by itself, are older than any import that is made now: a server skips them.
      return `${await sim.publishEvents(shopEvents({ seed, events, startTime: Date.now() }))} events published`
    },
  },
  export: {
    usage: 'export [rows]',
    help: `what the next import gets: rows of ${shopTables.length} tables (default 1000), or DIR=<folder> of files`,
    run: exportOfShop,
  },
  answers: {
    usage: 'answers [name]',
    help: 'what servers published, heartbeats only by their name',
    run: (sim, rest) =>
      sim.answers
        .filter(({ name }) => (rest === '' ? name !== 'heartbeat' : name === rest))
        .map(({ time, name, data }) => `${time.toISOString()} ${name} ${JSON.stringify(data)}`)
        .join('\n'),
  },
  sessions: { usage: 'sessions', help: 'sessions, and how they ended', run: describeSessions },
  requests: {
    usage: 'requests',
    help: 'HTTP requests',
    run: (sim) =>
      sim.requests
        .map(({ startedAt, method, path, status }) => `${startedAt.toISOString()} ${method} ${path} ${status ?? '…'}`)
        .join('\n'),
  },
  http: { usage: 'http down|up', help: 'close the HTTP port, open it again', run: switchHttp },
  nats: { usage: 'nats down|up', help: 'stop NATS, start it again', run: switchNats },
}

/** Commands for one simulator. */
export function createPrompt(sim: HqSim): Prompt {
  let since = 0
  return {
    greeting: () => `HQ at ${sim.url}, NATS at ${sim.natsUrl}\n${enrollCommands(sim)}\n"help" lists the commands`,
    run: async (line) => {
      const [, name = '', rest = ''] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line) ?? []
      if (name === '' || name.startsWith('#')) return { text: '', ok: true, quit: false }
      if (name === 'quit') return { text: '', ok: true, quit: true }
      if (name === 'help') return { text: help(), ok: true, quit: false }
      const command = Object.hasOwn(commands, name) ? commands[name] : undefined
      if (command === undefined) return { text: `no command "${name}"; try help`, ok: false, quit: false }
      if (name === 'notify') since = sim.answers.length
      return attempt(() => command.run(sim, rest, since))
    },
  }
}

async function attempt(run: () => Promise<string> | string): Promise<PromptResult> {
  try {
    return { text: await run(), ok: true, quit: false }
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), ok: false, quit: false }
  }
}

function help(): string {
  const listed = [...Object.values(commands), { usage: 'quit', help: 'stop everything' }]
  return listed.map((command) => `${command.usage.padEnd(28)}${command.help}`).join('\n')
}

function enrollCommands(sim: HqSim): string {
  const code = sim.newEnrollmentCode()
  return [
    `  npx eds enroll ${code} --api-url ${sim.url} --data-dir ./data`,
    `  npx eds server --api-url ${sim.url} --server ${sim.natsUrl} --data-dir ./data`,
  ].join('\n')
}

/** `configure {"url": …}` → the action and its data. */
function action(rest: string): [string, unknown] {
  const [, name, json = ''] = /^(\S+)\s*(.*)$/.exec(rest) ?? []
  if (name === undefined) throw new Error('which action? such as pause, or configure {"url":"file:///tmp/out"}')
  return [name, json === '' ? undefined : JSON.parse(json)]
}

/** `since`: how many answers there were before the last notification; those are of an earlier one. */
async function waitFor(sim: HqSim, what: string, since: number): Promise<string> {
  if (what === '') throw new Error('for what? wait session, or wait import-response')
  if (what === 'session') {
    // A session that has begun hears nothing before it is at NATS, which its first heartbeat shows.
    const beats = (id: string) => sim.heartbeats.some(({ sessionId }) => sessionId === id)
    const running = () => sim.sessions.findLast(({ id, end }) => end === undefined && beats(id))
    return `session ${(await sim.waitFor(what, running, waitTimeoutMs)).id}`
  }
  const answered = () => sim.answers.slice(since).find(({ name }) => name === what)
  return JSON.stringify((await sim.waitFor(what, answered, waitTimeoutMs)).data)
}

function describeSessions(sim: HqSim): string {
  return sim.sessions
    .map(({ id, startedAt, body, end, uploads }) => {
      const state = end === undefined ? 'runs' : end.errored ? 'ended with an error' : 'ended'
      return `${startedAt.toISOString()} ${id} ${state}, ${uploads.length} logs, ${JSON.stringify(body)}`
    })
    .join('\n')
}

async function switchHttp(sim: HqSim, state: string): Promise<string> {
  if (state !== 'down' && state !== 'up') throw new Error('http down, or http up')
  await sim[state]()
  return `HTTP is ${state}`
}

async function switchNats(sim: HqSim, state: string): Promise<string> {
  if (state !== 'down' && state !== 'up') throw new Error('nats down, or nats up')
  await (state === 'down' ? sim.stopNats() : sim.startNats())
  return `NATS is ${state}`
}
