import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** What one run of `eds import` took. */
export interface ImportRun {
  readonly seconds: number
  /** User and system, of the process. */
  readonly cpuMicros: number
  readonly peakRssBytes: number
}

const program = fileURLToPath(new URL('../../../apps/server/bin/eds.js', import.meta.url))
/** Tells on its end what the process used, by the pipe that it was given for that. */
const meter = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs'
  process.on('exit', () => writeSync(3, JSON.stringify([process.cpuUsage(), process.resourceUsage().maxRSS])))
`)}`

/** Runs the real program, from its start to its end. Rejects with what it printed when it fails. */
export async function runImport(words: readonly string[]): Promise<ImportRun> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, ['--import', meter, program, 'import', ...words], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const [, stdout, stderr, figures] = child.stdio as (Readable | null)[]
  const code = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [printed, complaints, used] = await Promise.all(
    [stdout, stderr, figures].map((each) => (each ? text(each) : '')),
  )
  if ((await code) !== 0) throw new Error(`eds import failed:\n${printed}${complaints}`)
  const seconds = (performance.now() - startedAt) / 1_000
  const [{ user, system }, maxRss] = JSON.parse(used ?? '')
  return { seconds, cpuMicros: user + system, peakRssBytes: maxRss * 1024 }
}
