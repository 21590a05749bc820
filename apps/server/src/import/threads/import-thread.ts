import { parentPort, workerData } from 'node:worker_threads'
import { type Logger, type Sink, toEdsError } from '@eds/core'
import { installedDrivers } from '../../host/drivers.js'
import { planSink } from '../../host/sinks.js'
import { Redactor } from '../../redactor.js'
import { createLoader, type TableLoader } from '../run-import.js'
import { factsOf, type LogLevel, type ThreadOrder, type ThreadReport, type ThreadTask } from './messages.js'
import { ProgressBatch } from './progress-batch.js'

/** Loads tables in a thread of its own, as it is told by messages: started by `ImportThreads`, with a `ThreadOrder`. */
const port = parentPort
if (port === null) throw new TypeError('this module is the start of a thread')

const order = workerData as ThreadOrder
const abort = new AbortController()
const report = (message: ThreadReport) => port.postMessage(message)
const progress = new ProgressBatch(
  (table, counts) => report({ kind: 'progress', table, ...counts }),
  () => performance.now(),
)
const loaders: TableLoader[] = []
const idle: TableLoader[] = []
let sink: Promise<Sink> | undefined

port.on('message', (task: ThreadTask) => {
  if (task.kind === 'load') void load(task)
  else if (task.kind === 'abort') abort.abort()
  else void close()
})

async function load({ id, table, schema }: Extract<ThreadTask, { kind: 'load' }>): Promise<void> {
  try {
    const loader = idle.pop() ?? (await openLoader())
    const rows = await loader.load(table, schema).finally(() => idle.push(loader))
    progress.flush()
    report({ kind: 'loaded', id, rows })
  } catch (error) {
    report({ kind: 'failed', id, error: factsOf(toEdsError(error)) })
  }
}

async function openLoader(): Promise<TableLoader> {
  sink ??= makeSink()
  const loader = createLoader({
    sink: await sink,
    mode: order.mode,
    reading: {
      filter: order.filter,
      signal: abort.signal,
      onBytes: (bytes, table) => progress.add(table, 0, bytes),
    },
    logger,
    onRows: (rows, table) => progress.add(table, rows, 0),
  })
  loaders.push(loader)
  return loader
}

async function makeSink(): Promise<Sink> {
  const drivers = await installedDrivers(order.workingDirectory, order.drivers)
  return (await planSink(order.url, drivers, new Redactor())).sink
}

async function close(): Promise<void> {
  await Promise.allSettled(loaders.map((loader) => loader.close()))
  report({ kind: 'closed' })
}

const log = (level: LogLevel) => (fields: object, message: string) => report({ kind: 'log', level, fields, message })
const logger: Logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
