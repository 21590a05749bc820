import { type ChildProcess, spawn } from 'node:child_process'
import { lstat, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { executeDockerfile, type Image, insideOf } from './execute.js'
import { insideWords, runInside } from './inside.js'
import { run } from './run.js'

const mebibyte = 1024 * 1024
/** Of the unpacked image with every driver. */
const mostBytes = 250 * mebibyte
/** The same in whole milliseconds as Cloud Run's users would notice. */
const mostStartMs = 1_000

/**
 * Executes the Dockerfile in an empty folder and checks what comes of it: size, version, start without being root, health check, end on
 * SIGTERM, how long `sync` takes to listen. Prints what it saw; resolves to the exit code.
 */
export async function checkImage(context: string, drivers: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'eds-image-'))
  const say = (line: string) => process.stdout.write(`${line}\n`)
  try {
    const begin = performance.now()
    const images = await executeDockerfile({ context, folder, args: { DRIVERS: drivers } })
    say(`built with drivers: ${drivers}, ${Math.round((performance.now() - begin) / 1_000)} s`)
    const server = imageOf(images, 'server')
    const bytes = await sizeOf(server.root.folder)
    const packed = Number(await run('bash', ['-c', `tar -C '${server.root.folder}' -c . | gzip -6 | wc -c`]))
    say(`size: ${inMebibytes(bytes)} unpacked, ${inMebibytes(packed)} packed (gzip)`)
    const version = await eds(server, context, ['version'])
    say(`eds version: ${version.trim()}`)
    say((await eds(server, context, ['driver', 'list'])).trim())
    const checks = [
      { name: `smaller than ${inMebibytes(mostBytes)}`, ok: bytes < mostBytes },
      { name: 'health check, not root, ends on SIGTERM', ok: await isHealthy(server, context, say) },
      { name: `sync listens in ${mostStartMs} ms`, ok: await startsSoon(imageOf(images, 'sync'), context, say) },
    ]
    for (const { name, ok } of checks) say(`${ok ? 'ok' : 'FAILED'}: ${name}`)
    return checks.every(({ ok }) => ok) ? 0 : 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function imageOf(images: ReadonlyMap<string, Image>, name: string): Image {
  const image = images.get(name)
  if (image === undefined) throw new Error(`Dockerfile: there is no stage ${name}`)
  return image
}

const inMebibytes = (bytes: number) => `${(bytes / mebibyte).toFixed(1)} MiB`

function eds(image: Image, context: string, words: readonly string[]): Promise<string> {
  return runInside([...image.entrypoint, ...words], insideOf(image, { context }))
}

/** Of all files, as `docker image ls` counts them: contents, not disk blocks. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map(async (entry) => (await lstat(join(entry.parentPath, entry.name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** A server that waits for its source answers, too: nothing else has to run. */
async function isHealthy(image: Image, context: string, say: (line: string) => void): Promise<boolean> {
  const port = await freePort()
  const options = insideOf(image, { context }, { PORT: String(port) })
  const command = [
    ...image.entrypoint,
    'server',
    '--data-dir',
    '/data',
    '--url',
    'file:///data/out',
    '--server',
    'nats://127.0.0.1:1',
  ]
  const child = spawn('unshare', insideWords(command, options), { stdio: ['ignore', 'ignore', 'pipe'] })
  const said = linesOf(child)
  try {
    await untilListening(port, child, said)
    await runInside(image.healthcheck, options)
    const uid = await userOf(child)
    say(`runs as user ${uid}`)
    const exitCode = await end(child)
    say(`SIGTERM: exit code ${exitCode}`)
    return uid !== 0 && exitCode === 0
  } finally {
    child.kill('SIGKILL')
  }
}

/** Messages go to a file, so that nothing else has to run. */
const syncConfig = {
  serviceName: 'check',
  trigger: { type: 'window', observationPeriod: 3600, keepEventAfterTrigger: false },
  endpoints: [{ eventKey: 'a' }, { eventKey: 'b' }],
}

async function startsSoon(image: Image, context: string, say: (line: string) => void): Promise<boolean> {
  const port = await freePort()
  const config = JSON.stringify(syncConfig)
  const options = insideOf(image, { context }, { PORT: String(port), CONFIG: config })
  const begin = performance.now()
  const child = spawn(
    'unshare',
    insideWords([...image.entrypoint, '--sink', 'file:///data/out', '--store', 'lmdb'], options),
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  try {
    await untilListening(port, child, linesOf(child))
    const ms = Math.round(performance.now() - begin)
    say(`sync listens after ${ms} ms`)
    await end(child)
    return ms < mostStartMs
  } finally {
    child.kill('SIGKILL')
  }
}

function linesOf(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.on('data', (chunk) => {
    text += String(chunk)
  })
  return () => text
}

async function untilListening(port: number, child: ChildProcess, said: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`ended with exit code ${child.exitCode}:\n${said()}`)
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    if (answer !== undefined) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Effective user of the process; it is the command itself, since every program in front of it became it. */
async function userOf({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1])
}

function end(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code))
    child.kill('SIGTERM')
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
