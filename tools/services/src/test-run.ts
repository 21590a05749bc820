import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { outcomeLine } from './command-line.js'
import { type Outcome, up } from './engine.js'
import { isContinuousIntegration } from './machine.js'
import { sweepAbandoned } from './port-reservation.js'
import { services } from './registry.js'
import type { ServiceDefinition } from './service-definition.js'
import { type MissingServer, summarise, type TestRun, withExitCode } from './summary.js'
import { summaryFileVariable } from './summary-reporter.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * `npm test`: brings up what servers it can, runs the tests of every project once (so that the counts are those of one
 * run, not of a cache) and prints the summary. `args` go to Vitest. Resolves with the exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  const outcomes = await Promise.all(services.map(bringUp))
  const environment = Object.fromEntries(
    outcomes.flatMap(({ service, outcome }) =>
      outcome.state === 'up' ? [[service.environmentVariable, outcome.url]] : [],
    ),
  )
  const run = await runVitest(args, environment)
  await sweepAbandoned()
  const lines = summarise(run, outcomes.flatMap(missingServer))
  console.log(`\n${lines.join('\n')}`)
  return run.failed.length === 0 && !outcomes.flatMap(missingServer).some((server) => server.fatal) ? 0 : 1
}

interface ServiceOutcome {
  readonly service: ServiceDefinition
  readonly outcome: Outcome
}

async function bringUp(service: ServiceDefinition): Promise<ServiceOutcome> {
  const outcome = await up(service)
  console.log(outcomeLine(service.name, outcome))
  return { service, outcome }
}

function missingServer({ service, outcome }: ServiceOutcome): readonly MissingServer[] {
  if (outcome.state === 'up') return []
  return [{ name: service.title, reason: outcome.reason, fatal: service.required && isContinuousIntegration() }]
}

async function runVitest(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'eds-test-'))
  const file = join(folder, 'summary.json')
  try {
    const code = await spawnVitest(args, { ...environment, [summaryFileVariable]: file })
    return withExitCode(readRun(file), code)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function spawnVitest(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const reporter = fileURLToPath(new URL('summary-reporter.js', import.meta.url))
  // Servers share the machine with the tests: more workers than this only make timing worse.
  const ours = ['run', '--maxWorkers=2', '--reporter=default', `--reporter=${reporter}`]
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vitest, ...ours, ...args], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...environment },
    })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

function readRun(file: string): TestRun {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: [], skipped: [], unsteady: [] }
  }
}
