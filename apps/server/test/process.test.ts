import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from './eds.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const program = join(root, 'bin/eds.js')

beforeAll(() => {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  execFileSync(process.execPath, [compiler, '--build', join(root, 'tsconfig.lib.json')], { stdio: 'inherit' })
})

interface Started {
  readonly child: ChildProcess
  readonly output: () => string
  readonly prints: (pattern: RegExp) => Promise<void>
  readonly ended: Promise<{ code: number | null; signal: string | null }>
}

function start(words: readonly string[], cwd = temporaryFolder(), file = program): Started {
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(process.execPath, [file, ...words], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const listener of listeners) listener()
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }))
  const prints = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => pattern.test(output) && resolve()
      listeners.add(look)
      look()
      void ended.then(() => reject(new Error(`ended before it printed ${pattern}:\n${output}`)))
    })
  return { child, output: () => output, prints, ended }
}

function server(cwd: string, ...more: string[]): Started {
  const words = [
    'server',
    '--server',
    'nats://127.0.0.1:1',
    '--port',
    '0',
    '--host',
    '127.0.0.1',
    '-d',
    'data',
    ...more,
  ]
  return start([...words, '--url', `out=file://${cwd}/out`], cwd)
}

describe('the eds program', () => {
  it('tells its version', async () => {
    const { output, ended } = start(['version'])
    expect((await ended).code).toBe(0)
    expect(output()).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('says what to do when it has not been built', async () => {
    const folder = temporaryFolder()
    cpSync(program, join(folder, 'bin/eds.js'))
    cpSync(join(root, 'package.json'), join(folder, 'package.json'))
    const { output, ended } = start(['version'], folder, join(folder, 'bin/eds.js'))
    expect(await ended).toEqual({ code: 1, signal: null })
    expect(output()).toBe('run npm run build first\n')
  })

  it('ends with exit code 3 and one line when it is called wrongly', async () => {
    for (const words of [
      ['server', '--port', 'x'],
      ['control', 'x'],
    ]) {
      const { output, ended } = start(words)
      expect(await ended).toEqual({ code: 3, signal: null })
      expect(output()).toMatch(/^error: [^\n]+\n$/)
    }
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('finishes and ends with exit code 0 on %s', async (signal) => {
    const cwd = temporaryFolder()
    const { child, prints, output, ended } = server(cwd)
    await prints(/out is failing/)
    child.kill(signal)
    expect(await ended).toEqual({ code: 0, signal: null })
    expect(output()).toMatch(/INFO {2}stopped\n$/)
  })

  it('ends with the exit code that asks a supervisor to start it again', async () => {
    const cwd = temporaryFolder()
    const { prints, ended } = server(cwd)
    await prints(/delivering from/)
    expect((await start(['control', 'restart'], cwd).ended).code).toBe(0)
    expect(await ended).toEqual({ code: 4, signal: null })
  })

  it('starts again on the data directory of a server that was killed', async () => {
    const cwd = temporaryFolder()
    const first = server(cwd)
    await first.prints(/delivering from/)
    const { pid } = JSON.parse(readFileSync(join(cwd, 'data/control.json'), 'utf8'))
    expect(pid).toBe(first.child.pid)
    const rival = server(cwd)
    expect((await rival.ended).code).toBe(3)
    expect(rival.output()).toContain(`is open in process ${pid}`)
    first.child.kill('SIGKILL')
    await first.ended
    const status = start(['status'], cwd)
    expect((await status.ended).code).toBe(0)
    expect(status.output()).toContain('no server runs on')
    const second = server(cwd)
    await second.prints(/delivering from/)
    second.child.kill('SIGTERM')
    expect((await second.ended).code).toBe(0)
  })

  it('writes JSON lines when asked, and nothing else', async () => {
    const cwd = temporaryFolder()
    const { child, prints, output, ended } = server(cwd, '--log-format', 'json', '--log-label', 'blue')
    await prints(/out is failing/)
    child.kill('SIGTERM')
    await ended
    const records = output()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(records.length).toBeGreaterThan(2)
    for (const record of records)
      expect(record).toMatchObject({ level: expect.any(String), time: expect.any(Number), label: 'blue' })
  })

  it('runs the demo from a fresh start', async () => {
    const { output, ended } = start(['demo', '--events', '3000'])
    expect(await ended).toEqual({ code: 0, signal: null })
    expect(output()).toMatch(/3,000 events of a made-up repair shop delivered/)
  })

  it('ends quietly when nobody reads what it writes', async () => {
    const { child, ended, output } = start(['help'])
    child.stdout?.destroy()
    expect((await ended).signal).toBeNull()
    expect(output()).not.toContain('EPIPE')
  })
})
