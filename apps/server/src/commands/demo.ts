import { openLmdbState } from '@eds/state-lmdb'
import type { Command, CommandCall } from '../command.js'
import { listedDrivers } from '../config/listed-drivers.js'
import { freshDemoDirectory } from '../demo/demo-directory.js'
import { type DemoParts, type DemoResult, runDemo } from '../demo/run-demo.js'
import { demoSummary } from '../demo/summary.js'
import { exitCodes } from '../exit-codes.js'
import { installedDrivers } from '../host/drivers.js'
import { RunningServer } from '../host/running-server.js'
import { type PlannedSink, planSinks } from '../host/sinks.js'
import { whileServing } from '../http/while-serving.js'
import { createLogger, type LogSettings } from '../logging/create-logger.js'
import { createMetrics } from '../metrics/metrics.js'
import { type DemoSettings, readDemoSettings } from '../settings/demo.js'

/** `eds demo`: a made-up workload through the real pipeline. */
export const command: Command = async (call) => {
  const { io, redactor } = call
  const settings = readDemoSettings(call)
  const drivers = await installedDrivers(io.workingDirectory, await listedDrivers(call, settings.dataDirectory))
  const [target] = await planSinks([{ name: 'demo', url: settings.url }], drivers, redactor)
  if (!target) return exitCodes.usage
  const result = await deliver(call, settings, target)
  const { destination } = target
  io.stdout.write(demoSummary(result, { settings, destination, workingDirectory: io.workingDirectory }))
  return exitCodes.done
}

async function deliver(
  { io, redactor }: CommandCall,
  settings: DemoSettings,
  { sink, destination }: PlannedSink,
): Promise<DemoResult> {
  const directory = await freshDemoDirectory(settings.directory)
  const logger = createLogger(quieter(settings.log), io.stderr, redactor)
  const destinations = new Map([[sink.name, destination]])
  const server = new RunningServer({ destinations, rotateLog: () => logger.rotateFile(), now: Date.now })
  const metrics = createMetrics(() => server.lanes.map((lane) => lane.status()), Date.now)
  const state = await openLmdbState({ directory: directory.state })
  const { stdout: output, signal } = io
  const parts: DemoParts = { settings, sink, directory, state, logger, metrics, server, output, signal }
  try {
    if (settings.port === undefined) return await runDemo(parts)
    const http = { host: '127.0.0.1', port: settings.port, metrics, control: server.control, redactor }
    return await whileServing(directory.controlFile, { ...http, report: () => server.report() }, () => runDemo(parts))
  } finally {
    await state.close()
    logger.close()
  }
}

/** The status line says what goes well. */
function quieter(log: LogSettings): LogSettings {
  return log.level === 'info' ? { ...log, level: 'warn' } : log
}
