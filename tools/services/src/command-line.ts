import { parseArgs } from 'node:util'
import { down, type Outcome, status, up } from './engine.js'
import { fingerprint } from './fingerprint.js'
import { sweepAbandoned } from './port-reservation.js'
import { serviceNamed, services } from './registry.js'
import type { ServiceDefinition } from './service-definition.js'

const usage = `usage: services up [--install] [name…] | down [name…] | status [name…] | fingerprint
names: ${services.map((service) => service.name).join(', ')} (default: all)`

/** Runs one command and returns the process's exit code: 0 done, 1 a server is missing, 3 wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        install: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
      allowPositionals: true,
    })
    if (values.help) {
      console.log(usage)
      return 0
    }
    const [command, ...names] = positionals
    const chosen = names.length === 0 ? services : names.map(serviceNamed)
    return await run(command, chosen, values.install)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 3
  }
}

async function run(command: string | undefined, chosen: readonly ServiceDefinition[], install: boolean) {
  switch (command) {
    case 'up':
      return printEach(chosen, (service) => up(service, { install }))
    case 'status':
      return printEach(chosen, status)
    case 'down':
      await Promise.all(chosen.map(takeDown))
      await sweepAbandoned()
      return 0
    case 'fingerprint':
      console.log(await fingerprint(services))
      return 0
    default:
      console.error(usage)
      return 3
  }
}

async function takeDown(service: ServiceDefinition): Promise<void> {
  const stopped = await down(service)
  console.log(`${service.name}: ${stopped ? 'stopped, data deleted' : 'nothing here was started by services:up'}`)
}

async function printEach(
  chosen: readonly ServiceDefinition[],
  ask: (service: ServiceDefinition) => Promise<Outcome>,
): Promise<number> {
  const outcomes = await Promise.all(
    chosen.map(async (service) => {
      const outcome = await ask(service)
      console.log(outcomeLine(service.name, outcome))
      return outcome
    }),
  )
  return outcomes.every((outcome) => outcome.state === 'up') ? 0 : 1
}

/** One line for people; URLs come without their passwords. */
export function outcomeLine(name: string, outcome: Outcome): string {
  if (outcome.state === 'missing') return `${name}: missing: ${outcome.reason}`
  return `${name}: ${withoutPassword(outcome.url)} (${outcome.how})`
}

function withoutPassword(url: string): string {
  const parsed = new URL(url)
  if (parsed.password !== '') parsed.password = '***'
  return parsed.href
}
