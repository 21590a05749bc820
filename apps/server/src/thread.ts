import { Readable } from 'node:stream'
import { parentPort, workerData } from 'node:worker_threads'
import { runProgram } from './program.js'
import type { ThreadData } from './young-generation.js'

// The thread that `runInThread` starts: the same program, with what it knows of the process handed over.
const { words, stdout, stderr }: ThreadData = workerData
const controller = new AbortController()
parentPort?.once('message', () => controller.abort())
parentPort?.unref()

process.exitCode = await runProgram(words, {
  stdout: Object.assign(process.stdout, stdout),
  stderr: Object.assign(process.stderr, stderr),
  stdin: Readable.from([]),
  environment: process.env,
  workingDirectory: process.cwd(),
  signal: controller.signal,
})
