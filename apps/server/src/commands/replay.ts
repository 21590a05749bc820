import { readSinkPosition, type StartAt, writeSinkPosition } from '@eds/core'
import { openLmdbState } from '@eds/state-lmdb'
import { z } from 'zod'
import type { Command, CommandCall } from '../command.js'
import { confirm } from '../confirm.js'
import { CommandFailure, exitCodes, usageError } from '../exit-codes.js'
import { Beginnings } from '../host/beginnings.js'
import { dataDirectoryAt } from '../host/data-directory.js'
import { isDirectory } from '../host/is-directory.js'
import { type KnownSink, readKnownSinks } from '../host/known-sinks.js'
import { askServer } from '../http/control-client.js'
import { readCommonSettings } from '../settings/common.js'
import { flag, readOptions, text } from '../settings/option-types.js'
import { parseStart } from '../settings/start.js'

const replayOptions = z.object({ from: text.optional(), sink: text.optional(), yes: flag.optional() })

/** `eds replay --from <place>`: sets a sink back, so that the next start delivers from there again. */
export const command: Command = async (call) => {
  const { dataDirectory } = readCommonSettings(call)
  const { from, sink: wanted, yes = false } = readOptions(replayOptions, call)
  if (from === undefined)
    throw usageError('--from is missing', 'give a time, a duration back such as 2h, a position, or beginning')
  const directory = dataDirectoryAt(dataDirectory)
  if ((await askServer(directory.controlFile, { method: 'GET', path: '/status' })) !== undefined) {
    throw usageError(`the server runs on ${dataDirectory}`, 'stop it first: eds control shutdown')
  }
  if (!(await isDirectory(directory.state))) throw usageError(`no server has run on ${dataDirectory} yet`)
  const state = await openLmdbState({ directory: directory.state })
  try {
    const sink = chooseSink(await readKnownSinks(state), wanted)
    const target = replayTarget(from, (await readSinkPosition(state, sink.name))?.position, Date.now())
    if (!yes && !(await agreed(call, sink, target))) throw new CommandFailure(exitCodes.error, 'nothing was changed')
    if (target.kind === 'start') await new Beginnings(state).beginAt(sink.name, target.start)
    else await writeSinkPosition(state, sink.name, { position: target.position, time: 0 })
    call.io.stdout.write(`${sink.name} ${describe(target)} when the server starts next\n`)
    return exitCodes.done
  } finally {
    await state.close()
  }
}

function chooseSink(sinks: readonly KnownSink[], wanted: string | undefined): KnownSink {
  const names = sinks.map(({ name }) => name).join(', ')
  const [sink, ...others] = wanted === undefined ? sinks : sinks.filter(({ name }) => name === wanted)
  if (!sink)
    throw usageError(`there is no sink "${wanted ?? ''}"`, names === '' ? 'none has run yet' : `there is ${names}`)
  if (others.length > 0) throw usageError('there are several sinks', `name one of ${names} by --sink`)
  return sink
}

type Target =
  | { readonly kind: 'start'; readonly start: StartAt }
  | { readonly kind: 'position'; readonly position: string }

/** @throws CommandFailure when `from` is no place, or one that has not been reached yet. */
function replayTarget(from: string, current: string | undefined, now: number): Target {
  const start = parseStart(from, now)
  if (start !== undefined && start.at !== 'now') return { kind: 'start', start }
  if (!/^[0-9A-Za-z_.]{1,100}$/.test(from) || !/\d/.test(from)) {
    throw usageError(
      `${JSON.stringify(from)} is no place to replay from`,
      'give a time, a duration back, a position, or beginning',
    )
  }
  if (current === undefined || from > current) {
    throw usageError(`the sink has not come as far as ${from} yet`, `it stands at ${current ?? 'no position'}`)
  }
  return { kind: 'position', position: from }
}

async function agreed({ io }: CommandCall, sink: KnownSink, target: Target): Promise<boolean> {
  const consequence = `events that ${sink.destination} has already are delivered again: a database ends up the same, a queue or a log gets them twice`
  return confirm(io, `${sink.name} ${describe(target)}; ${consequence}`, 'replay', '--yes')
}

function describe(target: Target): string {
  if (target.kind === 'position') return `goes on just after ${target.position}`
  const { start } = target
  return start.at === 'time'
    ? `begins at ${new Date(start.time).toISOString()}`
    : 'begins at the beginning of the stream'
}
