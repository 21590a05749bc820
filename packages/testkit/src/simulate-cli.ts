import { parseArgs } from 'node:util'
import { type SimulationResult, simulate } from './simulator/simulate.js'

const usage = `simulate: runs the pipeline in simulated worlds and checks that it loses and overtakes nothing

  --seeds N   how many worlds (default 1000)
  --from S    the first seed (default 1)
  --seed X    one world only, with its trace when something is wrong
  --verbose   the trace of every world
`

interface Plan {
  readonly from: number
  readonly seeds: number
  readonly verbose: boolean
}

/** The `simulate` command. Resolves to the exit code: 0 when the oracle held, 1 when a promise was broken, 3 for wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  const plan = parsePlan(args)
  if (plan === undefined) {
    process.stderr.write(usage)
    return 3
  }
  const progress = new Progress(plan.seeds)
  for (let seed = plan.from; seed < plan.from + plan.seeds; seed++) {
    const result = await simulate(seed, { trace: plan.verbose })
    if (plan.verbose && result.ok) printLines(result.trace)
    if (!result.ok) return reportFailure(result)
    progress.advance(seed)
  }
  progress.finish()
  return 0
}

function parsePlan(args: readonly string[]): Plan | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string', default: '1000' },
        from: { type: 'string', default: '1' },
        seed: { type: 'string' },
        verbose: { type: 'boolean', default: false },
      },
    })
    const { verbose } = values
    if (values.seed !== undefined) return { from: wholeNumber(values.seed), seeds: 1, verbose }
    return { from: wholeNumber(values.from), seeds: wholeNumber(values.seeds), verbose }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n`)
    return undefined
  }
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new Error(`"${text}" is no whole number`)
}

function reportFailure({ seed, violations, trace }: SimulationResult): number {
  printLines(trace)
  process.stdout.write(`\nseed ${seed} breaks a promise:\n`)
  printLines(violations.map((violation) => `  ${violation}`))
  process.stdout.write(`replay it with: npm run simulate -- --seed ${seed}\n`)
  return 1
}

function printLines(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`)
}

const reportEveryMs = 5_000

/** Says how far a long run is, now and then. */
class Progress {
  readonly #total: number
  readonly #startedAt = performance.now()
  #reportedAt = this.#startedAt
  #done = 0

  constructor(total: number) {
    this.#total = total
  }

  advance(seed: number): void {
    this.#done++
    if (performance.now() - this.#reportedAt < reportEveryMs) return
    this.#reportedAt = performance.now()
    process.stdout.write(`${this.#done} of ${this.#total} seeds, ${this.#rate()} per second, last seed ${seed}\n`)
  }

  finish(): void {
    process.stdout.write(`${this.#done} seeds, ${this.#rate()} per second: the oracle holds\n`)
  }

  #rate(): string {
    return (this.#done / ((performance.now() - this.#startedAt) / 1_000)).toFixed(0)
  }
}
