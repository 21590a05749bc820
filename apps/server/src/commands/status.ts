import { readDeadLetters, readSinkPosition } from '@eds/core'
import { openLmdbState } from '@eds/state-lmdb'
import { z } from 'zod'
import type { Command, CommandCall } from '../command.js'
import { formatDuration } from '../duration.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { type DataDirectory, dataDirectoryAt } from '../host/data-directory.js'
import { isDirectory } from '../host/is-directory.js'
import { readKnownSinks } from '../host/known-sinks.js'
import type { SinkReport, StatusReport } from '../host/status-report.js'
import { formatTable } from '../host/table.js'
import { askServer } from '../http/control-client.js'
import { readCommonSettings } from '../settings/common.js'
import { flag, readOptions } from '../settings/option-types.js'

/** `eds status`: how each sink is doing, or where it stood when the server ended. */
export const command: Command = async (call) => {
  const { dataDirectory } = readCommonSettings(call)
  const { json = false } = readOptions(z.object({ json: flag.optional() }), call)
  const directory = dataDirectoryAt(dataDirectory)
  const report = await askServer(directory.controlFile, { method: 'GET', path: '/status' })
  if (report === undefined) return showStopped(call, directory, json)
  // The server is this very program; its answer is what `statusReport` made.
  call.io.stdout.write(json ? `${JSON.stringify(report)}\n` : describe(report as StatusReport))
  return exitCodes.done
}

function describe({ status, reason, version, pid, uptimeMs, sinks }: StatusReport): string {
  const header = ['SINK', 'STATE', 'LAG EVENTS', 'LAG', 'EVENTS/S', 'TOTAL', 'SKIPPED', 'DEAD LETTERS', 'RETRIES']
  const rows = sinks.map((sink) => [
    sink.name,
    `${sink.state} for ${formatDuration(sink.stateMs)}`,
    sink.lagEvents.toLocaleString('en'),
    formatDuration(sink.lagSeconds * 1_000),
    Math.round(sink.eventsPerSecond).toLocaleString('en'),
    sink.totalEvents.toLocaleString('en'),
    sink.skippedEvents.toLocaleString('en'),
    String(sink.deadLetters),
    String(sink.retries),
  ])
  const title = `${status}: eds ${version}, process ${pid}, running for ${formatDuration(uptimeMs)}\n\n`
  if (reason !== undefined) return `${title}${reason}\n`
  const errors = sinks.flatMap(lastError)
  return (
    title + formatTable(header, rows, new Set(header.slice(2))) + (errors.length > 0 ? `\n${errors.join('\n')}\n` : '')
  )
}

function lastError({ name, lastError: error }: SinkReport): string[] {
  return error ? [`${name}: last error at ${new Date(error.at).toISOString()}: ${error.message}`] : []
}

async function showStopped({ io }: CommandCall, directory: DataDirectory, json: boolean): Promise<ExitCode> {
  const sinks = (await isDirectory(directory.state)) ? await readStopped(directory) : []
  if (json) io.stdout.write(`${JSON.stringify({ status: 'stopped', sinks })}\n`)
  else if (sinks.length === 0) io.stdout.write(`no server runs on ${directory.path}, and none did before\n`)
  else {
    const rows = sinks.map((sink) => [sink.name, sink.position ?? '-', String(sink.deadLetters), sink.destination])
    io.stdout.write(`no server runs on ${directory.path}; where its sinks stood:\n\n`)
    io.stdout.write(formatTable(['SINK', 'POSITION', 'DEAD LETTERS', 'DESTINATION'], rows))
  }
  return exitCodes.done
}

interface StoppedSink extends Pick<SinkReport, 'name' | 'driver' | 'destination' | 'deadLetters'> {
  readonly position?: string
}

async function readStopped(directory: DataDirectory): Promise<StoppedSink[]> {
  const state = await openLmdbState({ directory: directory.state })
  try {
    const sinks = await readKnownSinks(state)
    return await Promise.all(
      sinks.map(async (sink) => {
        const position = (await readSinkPosition(state, sink.name))?.position
        const deadLetters = await countWaiting(directory, sink.name)
        return { ...sink, deadLetters, ...(position !== undefined && { position }) }
      }),
    )
  } finally {
    await state.close()
  }
}

async function countWaiting(directory: DataDirectory, sink: string): Promise<number> {
  let count = 0
  for await (const _ of readDeadLetters(directory.deadLetters, sink, ['open', 'parked'])) count++
  return count
}
