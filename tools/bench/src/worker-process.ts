import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a worker process did. */
export interface WorkerReport {
  readonly events: number
  readonly seconds: number
  /** User and system, of the worker. */
  readonly cpuMicros: number
  readonly peakRssBytes: number
  /** From publishing to durable, milliseconds, where the task measures it. */
  readonly latenciesMs?: readonly number[]
}

/**
 * Runs one measurement in a process of its own, so that heaps and compiled code do not mix. Rejects with the worker's own words when it fails.
 */
export function runWorker(task: object, onReady?: () => void): Promise<WorkerReport> {
  const script = fileURLToPath(new URL('./worker.js', import.meta.url))
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, JSON.stringify(task)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    let report: WorkerReport | undefined
    child.on('message', (message) => {
      if (message === 'ready') onReady?.()
      else report = message as WorkerReport
    })
    child.on('error', reject)
    child.on('exit', (code) =>
      report ? resolve(report) : reject(new Error(`the measurement ended with exit code ${code}`)),
    )
  })
}
