import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EdsError } from '@eds/core'
import { z } from 'zod'

export type Environment = Readonly<Record<string, string | undefined>>

/** What the npm client answered. */
export interface NpmAnswer {
  readonly isGood: boolean
  readonly stdout: string
  /** npm's own name of what failed, such as `E404` or `ECONNREFUSED`. */
  readonly code: string | undefined
  readonly summary: string
}

export type Npm = (words: readonly string[], options: { directory: string; signal: AbortSignal }) => Promise<NpmAnswer>

/** The npm client of the Node that runs this program, else the one on the path. Registry and logins are those of the user's `.npmrc`. */
export function npmClient(environment: Environment): Npm {
  const [command, ...prefix] = npmCommand()
  return (words, { directory, signal }) => {
    const child = spawn(command, [...prefix, ...words, '--json', '--no-audit', '--no-fund', '--no-update-notifier'], {
      cwd: directory,
      env: environment as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    })
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', (data) => (output.stdout += data))
    child.stderr.on('data', (data) => (output.stderr += data))
    return new Promise((resolve, reject) => {
      child.once('error', (error) => reject(notStarted(error, signal)))
      child.once('close', (exitCode) =>
        resolve({ isGood: exitCode === 0, stdout: output.stdout, ...failureIn(output) }),
      )
    })
  }
}

function npmCommand(): [command: string, ...prefix: string[]] {
  const node = dirname(process.execPath)
  const scripts = ['../lib/node_modules', 'node_modules'].map((folder) => join(node, folder, 'npm/bin/npm-cli.js'))
  const script = scripts.find((path) => existsSync(path))
  return script === undefined ? ['npm'] : [process.execPath, script]
}

const failure = z.object({ error: z.object({ code: z.string().optional(), summary: z.string().optional() }) })

/** npm says as JSON what failed, and in words on the other stream. */
function failureIn({ stdout, stderr }: { stdout: string; stderr: string }): Pick<NpmAnswer, 'code' | 'summary'> {
  const parsed = failure.safeParse(jsonOf(stdout))
  const lines = [...stderr.matchAll(/^npm error (?!A complete log|code )(.+)$/gm)].map(([, line]) => line)
  const code = parsed.data?.error.code ?? /^npm error code (\S+)$/m.exec(stderr)?.[1]
  return { code, summary: parsed.data?.error.summary ?? lines[0] ?? 'npm failed' }
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function notStarted(error: Error, signal: AbortSignal): EdsError {
  if (signal.aborted) return new EdsError('timeout', 'stopped before it was done', { cause: error })
  const fix = 'install it, or install the version by hand'
  return new EdsError('configuration', `npm cannot be run: ${error.message}`, { cause: error, fix })
}
