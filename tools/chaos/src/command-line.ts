import { parseArgs } from 'node:util'
import { runChaos } from './run-chaos.js'

const usage = 'usage: npm run chaos -- [--events N] [--kills N] [--seed N] [--calm]   (calm: no kills, no restarts)'

/** Exit code 0 when every table is as it must be, 1 when not, 3 on wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  const options = {
    events: { type: 'string' },
    kills: { type: 'string' },
    seed: { type: 'string' },
    calm: { type: 'boolean' },
  } as const
  try {
    const { values } = parseArgs({ args: [...args], options })
    const { calm = false } = values
    const report = await runChaos({
      events: wholeNumber(values.events, 200_000),
      seed: wholeNumber(values.seed, 1),
      kills: calm ? 0 : wholeNumber(values.kills, 5),
      restartPostgres: !calm,
      restartNats: !calm,
      log: (line) => console.log(line),
    })
    console.log(report.text)
    return report.ok ? 0 : 1
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message}\n${usage}`)
    return 3
  }
}

function wholeNumber(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text)
  if (!Number.isInteger(value) || value < 0) throw new TypeError(`"${text}" is not a whole number`)
  return value
}
