import { type Delivery, decodeEvent, EdsError, isEdsError } from '@eds/core'
import { fileSource } from '@eds/source-file'
import { eventSubject, publisher, type StreamPublisher } from '@eds/source-nats'
import type { Command, CommandIo } from '../command.js'
import { CommandFailure, exitCodes } from '../exit-codes.js'
import { withFix } from '../failure.js'
import { readCredentialsFile, serverSecrets } from '../host/nats-source.js'
import { createLogger } from '../logging/create-logger.js'
import { type PublishSettings, readPublishSettings } from '../settings/publish.js'

/** `eds publish`: change events, a line each, into a stream. */
export const command: Command = async (call) => {
  const { io, redactor } = call
  const settings = readPublishSettings(call)
  const { servers, stream, credentialsFile } = settings.target
  redactor.add(serverSecrets(servers))
  if (credentialsFile !== undefined) await readCredentialsFile(credentialsFile)
  const logger = createLogger(settings.log, io.stderr, redactor)
  const target = publisher({
    servers,
    stream,
    createStream: settings.create,
    logger,
    ...(credentialsFile !== undefined && { credentials: { credsFile: credentialsFile } }),
  })
  try {
    await target.open()
    await publishAll(settings, target, io)
  } catch (error) {
    // What was sent before the fault gets stored all the same: it is told how much that is. A target that has failed says so at once.
    await target.flush().catch(() => {})
    throw withExitCode(error, target.stored)
  } finally {
    await target.close()
    logger.close()
  }
  io.stdout.write(`${count(target.stored)} published to ${stream}\n`)
  if (io.signal.aborted) throw new CommandFailure(exitCodes.error, 'stopped before the end')
  return exitCodes.done
}

async function publishAll(
  { paths, rate, target: { stream } }: PublishSettings,
  target: StreamPublisher,
  io: CommandIo,
) {
  const source = fileSource({ paths, input: io.stdin, ...(rate !== undefined && { rate }) })
  const reader = await source.open({ cursor: 'publish', start: { at: 'beginning' }, signal: io.signal })
  const stopShowing = showCount(io, () => target.stored)
  let line = 0
  try {
    for await (const deliveries of reader) {
      for (const delivery of deliveries) await target.publish(message(delivery, ++line, stream))
      const last = deliveries.at(-1)
      if (last) await reader.acknowledge(last)
    }
    await target.flush()
  } finally {
    stopShowing()
    await reader.close()
    await source.close()
  }
}

/** @throws EdsError `configuration` for a line that no consumer could use. */
function message(delivery: Delivery, number: number, stream: string): Parameters<StreamPublisher['publish']>[0] {
  try {
    const event = decodeEvent(delivery)
    return { subject: eventSubject(event, stream), data: delivery.bytes, id: event.id }
  } catch (error) {
    if (!isEdsError(error)) throw error
    throw new EdsError('unsupported', `event ${number} of the input is none: ${error.message}`, { cause: error })
  }
}

function withExitCode(error: unknown, stored: number): unknown {
  if (!isEdsError(error)) return error
  const done = stored > 0 ? ` (published before that: ${count(stored)})` : ''
  const message = `${withFix(error)}${done}`
  if (error.code === 'connection' || error.code === 'timeout')
    return new CommandFailure(exitCodes.natsLost, message, error)
  return new CommandFailure(error.code === 'configuration' ? exitCodes.usage : exitCodes.error, message, error)
}

/** A count that changes in place, on a terminal. */
function showCount({ stderr }: CommandIo, stored: () => number): () => void {
  if (stderr.isTTY !== true) return () => {}
  const timer = setInterval(() => stderr.write(`\r${count(stored())} published\u001b[K`), 200)
  return () => {
    clearInterval(timer)
    stderr.write('\r\u001b[K')
  }
}

function count(events: number): string {
  return `${events.toLocaleString('en')} event${events === 1 ? '' : 's'}`
}
