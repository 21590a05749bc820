import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { BenchScale } from './command-line.js'
import { type BenchRow, row } from './result.js'

const program = fileURLToPath(new URL('../../../apps/server/bin/eds.js', import.meta.url))

/** How long the built program takes to load its commands and end, beside Node.js alone. */
export async function startBench({ rounds }: BenchScale, report: (row: BenchRow) => void): Promise<void> {
  const [bare, version]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    bare.push(millisecondsOf(['--eval', '0']))
    version.push(millisecondsOf([program, 'version']))
  }
  report(row('start', 'node alone', 'ms', bare))
  report(row('start', 'eds version', 'ms', version))
}

function millisecondsOf(words: readonly string[]): number {
  const begun = performance.now()
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`node ${words.join(' ')}: ${stderr}`)
  return performance.now() - begun
}
