import type { Task } from './tasks.js'
import type { WorkerReport } from './worker-process.js'

/** What a task measured; the rest of the report is the process's own. */
export type Measurement = Pick<WorkerReport, 'events' | 'latenciesMs'> & Partial<Pick<WorkerReport, 'seconds'>>

const task = JSON.parse(process.argv[2] ?? '') as Task
const startedAt = process.hrtime.bigint()
const measurement = await run(task)
const { user, system } = process.cpuUsage()
const report: WorkerReport = {
  seconds: Number(process.hrtime.bigint() - startedAt) / 1e9,
  ...measurement,
  cpuMicros: user + system,
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
}
process.send?.(report, () => process.exit(0))

/** Loads only what the task needs, so that its memory is its own. */
async function run(task: Task): Promise<Measurement> {
  switch (task.kind) {
    case 'pipeline':
      return (await import('./pipeline-worker.js')).runPipeline(task)
    case 'bare':
      return (await import('./bare-worker.js')).runBare(task)
    case 'read':
      return (await import('./read-worker.js')).runRead(task)
  }
}
