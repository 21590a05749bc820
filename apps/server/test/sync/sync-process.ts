import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'

const server = fileURLToPath(new URL('../..', import.meta.url))
const loader = pathToFileURL(join(server, '../../test-loader.mjs')).href
const main = `import { main } from ${JSON.stringify(pathToFileURL(join(server, 'src/cli.ts')).href)}; await main()`

export interface SyncProcess {
  readonly child: ChildProcess
  readonly output: () => string
  /** `http://127.0.0.1:<port>`, once it listens. */
  readonly url: Promise<string>
  readonly ended: Promise<number | null>
  readonly call: (path: string, init?: RequestInit) => Promise<{ status: number; text: string }>
  readonly stop: (signal: NodeJS.Signals) => Promise<number | null>
}

export interface SyncProcessOptions {
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
  readonly words?: readonly string[]
}

/** Starts `eds sync` as a process of its own, from the sources, without Google credentials. It is killed when the test ends. */
export function startSync({ folder, environment = {}, words = [] }: SyncProcessOptions): SyncProcess {
  const { NODE_OPTIONS: _, CONFIG: __, PORT: ___, GOOGLE_APPLICATION_CREDENTIALS: ____, ...inherited } = process.env
  const nodeWords = ['--conditions=@eds/source', '--import', loader, '--input-type=module', '--eval', main, '--']
  const options = ['--port', '0', '--host', '127.0.0.1']
  const child = spawn(process.execPath, [...nodeWords, 'eds', 'sync', ...options, ...words], {
    cwd: folder,
    env: { ...inherited, NODE_OPTIONS: '--conditions=@eds/source', CLOUDSDK_CONFIG: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const url = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text
        const port = /listening on \S+ port (\d+)/.exec(output)?.[1]
        if (port !== undefined) resolve(`http://127.0.0.1:${port}`)
      })
    }
    void ended.then((code) => reject(new Error(`ended with ${code} before it listened:\n${output}`)))
  })
  url.catch(() => {})
  return {
    child,
    output: () => output,
    url,
    ended,
    call: async (path, init) => {
      const answer = await fetch((await url) + path, init)
      return { status: answer.status, text: await answer.text() }
    },
    stop: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}
