import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { runProgram } from '../src/program.js'

// Drivers are found by their package.json: this makes them load from the TypeScript sources, too.
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --conditions=@eds/source`

export interface EdsOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly isTTY?: boolean
}

/** One call of the program, running inside the test. */
export interface EdsCall {
  readonly stdout: () => string
  readonly stderr: () => string
  /** As SIGTERM does. */
  readonly stop: () => void
  /** The exit code. */
  readonly done: Promise<number>
  /** Resolves when the output, both kinds, matches; rejects when the program ends before. */
  readonly prints: (pattern: RegExp) => Promise<void>
}

/** Starts `eds` with these words. It is stopped when the test ends, if it still runs. */
export function startEds(words: readonly string[], options: EdsOptions = {}): EdsCall {
  const { cwd = '/', env = {}, stdin = '', isTTY = false } = options
  const controller = new AbortController()
  const written = { stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  const output = (name: 'stdout' | 'stderr') => ({
    isTTY,
    write: (text: unknown) => {
      written[name] += String(text)
      for (const listener of listeners) listener()
      return true
    },
  })
  const done = runProgram(words, {
    stdout: output('stdout'),
    stderr: output('stderr'),
    stdin: Object.assign(Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]), { isTTY }),
    environment: env,
    workingDirectory: cwd,
    signal: controller.signal,
  })
  onTestFinished(async () => {
    controller.abort()
    await done
  })
  return {
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    stop: () => controller.abort(),
    done,
    prints: (pattern) => {
      const seen = new Promise<void>((resolve) => {
        const look = () => pattern.test(written.stdout + written.stderr) && resolve()
        listeners.add(look)
        look()
      })
      const ended = done.then((code) => {
        if (!pattern.test(written.stdout + written.stderr)) {
          throw new Error(`ended with ${code} before it printed ${pattern}:\n${written.stdout}${written.stderr}`)
        }
      })
      return Promise.race([seen, ended])
    },
  }
}

export interface EdsResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `eds` to its end. */
export async function runEds(words: readonly string[], options: EdsOptions = {}): Promise<EdsResult> {
  const call = startEds(words, options)
  const code = await call.done
  return { code, stdout: call.stdout(), stderr: call.stderr() }
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'eds-server-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
