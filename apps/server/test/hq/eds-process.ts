import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The package of the server. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Builds what `bin/eds.js` runs, unless `EDS_TEST_BUILT` says that it is there. */
export function buildProgram(): void {
  if (process.env.EDS_TEST_BUILT !== undefined) return
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  execFileSync(process.execPath, [compiler, '--build', join(root, 'tsconfig.lib.json')], { stdio: 'inherit' })
}

/** The program as a process of its own, as a user starts it. */
export interface EdsProcess {
  readonly child: ChildProcess
  /** All that it wrote until now, both kinds. */
  readonly output: () => string
  /** Resolves when the output matches; rejects when the program ends before. */
  readonly prints: (pattern: RegExp) => Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

/** Starts `eds` with these words. It is killed when the test ends, if it still runs. */
export function spawnEds(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  program = join(root, 'bin/eds.js'),
): EdsProcess {
  const { NODE_OPTIONS: _, ...environment } = process.env
  const child = spawn(process.execPath, [program, ...words], {
    cwd,
    env: { ...environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const listener of listeners) listener()
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const prints = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => pattern.test(output) && resolve()
      listeners.add(look)
      look()
      void ended.then(() => reject(new Error(`ended before it printed ${pattern}:\n${output}`)))
    })
  return { child, output: () => output, ended, prints }
}
