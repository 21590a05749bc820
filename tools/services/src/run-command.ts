import { spawn } from 'node:child_process'
import type { Command, SystemUser } from './service-definition.js'

/** How a command is run. */
export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly user?: SystemUser
  readonly folder?: string
  readonly timeoutMs: number
}

const shownLines = 20

/** The end of a text, for messages. */
export function lastLines(text: string, count = shownLines): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}

/** Runs to the end without input and resolves with the output. Rejects with the command and its last lines. */
export function runCommand(command: Command, options: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, command.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.environment },
      timeout: options.timeoutMs,
      ...(options.folder === undefined ? {} : { cwd: options.folder }),
      ...(options.user ? { uid: options.user.uid, gid: options.user.gid } : {}),
    })
    const output: string[] = []
    const collect = (chunk: Buffer) => output.push(chunk.toString())
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    const shown = [command.file, ...command.args].join(' ')
    child.on('error', (cause) => reject(new Error(`cannot run ${shown}: ${cause.message}`)))
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(output.join(''))
      const how = signal ? `was stopped by ${signal} (limit ${options.timeoutMs} ms)` : `exited with ${code}`
      reject(new Error(`${shown} ${how}\n${lastLines(output.join(''))}`))
    })
  })
}
