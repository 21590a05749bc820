import { isEdsError, type Logger } from '@eds/core'
import type { ConsumerDesk } from './consumer-desk.js'
import type { ConsumerInfo } from './consumer-info.js'
import { foreignGap, retentionGap, shorterGap, unprovenGap } from './gap.js'
import type { StreamPlace } from './position.js'
import type { RestartNote } from './restart-note.js'
import type { Anchor } from './sequence-guard.js'

export interface RestartRequest {
  /** The consumer goes on after this. */
  readonly anchor: Anchor
  /** Everything up to this sequence is already in the pipeline, so that its loss is none. At least the anchor's. */
  readonly have: number
  /** The consumer as it was; absent when it was gone, with which goes the proof that the stream is still the same. */
  readonly former: ConsumerInfo | undefined
}

export interface Restarted {
  readonly info: ConsumerInfo
  /** The anchor is still in the stream, unchanged. */
  readonly proven: boolean
}

/**
 * Makes a consumer anew so that it goes on just after an anchor. First it begins at the anchor itself, by sequence: the server then
 * tells the oldest message that is left, and the first delivery shows whether the anchor is still the message that it was. Only
 * then does the consumer get its final start: by sequence for one of EDS's own, by time for a shared one, because the old server
 * cannot update a consumer that starts by sequence.
 *
 * Killed at any moment, the next opening does the same again from its position, or from the note.
 *
 * @throws EdsError `gap` when messages after `have` are gone or the stream is another one.
 */
export async function restartConsumer(
  desk: ConsumerDesk,
  note: RestartNote,
  logger: Logger,
  request: RestartRequest,
): Promise<Restarted> {
  const { anchor } = request
  logger.info({ stream: desk.stream, consumer: desk.name, after: anchor.sequence }, 'making the consumer anew')
  await note.write(anchor)
  const restarted =
    anchor.time === undefined
      ? await restartAfterFloor(desk, logger, request)
      : await restartAfterMessage(desk, logger, request, { sequence: anchor.sequence, time: anchor.time })
  await note.clear()
  return restarted
}

/** Only the sequence is known: the ack floor of a consumer whose reader left no position. The first message after it gives the time. */
async function restartAfterFloor(desk: ConsumerDesk, logger: Logger, request: RestartRequest): Promise<Restarted> {
  const info = await desk.replace({ from: 'sequence', sequence: request.anchor.sequence + 1 }, request.former?.config)
  checkRetention(desk.stream, request.have, info)
  if (!desk.wishes.isShared) return { info, proven: true }
  const first = info.pending > 0 ? await desk.api.nextMessage(desk.name) : undefined
  return { info: await settleStart(desk, logger, request, first?.time), proven: true }
}

async function restartAfterMessage(
  desk: ConsumerDesk,
  logger: Logger,
  request: RestartRequest,
  message: StreamPlace,
): Promise<Restarted> {
  try {
    const proven = await probe(desk, request, message)
    return { info: await settleStart(desk, logger, request, message.time), proven }
  } catch (error) {
    // What is left must not look like a consumer that stands where it should.
    if (isEdsError(error) && error.code === 'gap') await desk.delete().catch(() => {})
    throw error
  }
}

/** True when the message is still there, unchanged. */
async function probe(desk: ConsumerDesk, { have, former }: RestartRequest, message: StreamPlace): Promise<boolean> {
  const info = await desk.replace({ from: 'sequence', sequence: message.sequence }, former?.config)
  checkRetention(desk.stream, have, info)
  const found = info.pending > 0 ? await desk.api.nextMessage(desk.name) : undefined
  if (found?.sequence === message.sequence) {
    if (found.time !== message.time) throw foreignGap(desk.stream, message.sequence)
    return true
  }
  if (!found) await checkEnd(desk, message.sequence)
  // Consumers end with their stream: while the consumer was there, the stream is the same.
  const oldest = info.delivered.stream + 1
  if (!former && oldest <= message.sequence) throw unprovenGap(desk.stream, message.sequence)
  return false
}

/** A consumer that begins at now tells where the stream ends. */
async function checkEnd(desk: ConsumerDesk, sequence: number): Promise<void> {
  const { delivered } = await desk.replace({ from: 'now' }, undefined)
  await desk.delete()
  if (delivered.stream < sequence) throw shorterGap(desk.stream, sequence, delivered.stream)
}

/** The start that the consumer keeps. */
async function settleStart(
  desk: ConsumerDesk,
  logger: Logger,
  { anchor, have, former }: RestartRequest,
  time: number | undefined,
): Promise<ConsumerInfo> {
  if (desk.wishes.isShared && time !== undefined) {
    const info = await desk.replace({ from: 'time', time }, former?.config)
    // Where the server's clock was set back, a start by time may lie too late.
    if (info.delivered.stream <= anchor.sequence) return info
  }
  if (desk.wishes.isShared) logger.warn({ stream: desk.stream, consumer: desk.name }, startsBySequence)
  const info = await desk.replace({ from: 'sequence', sequence: anchor.sequence + 1 }, former?.config)
  checkRetention(desk.stream, have, info)
  return info
}

const startsBySequence =
  'the consumer had to start by sequence: the old EDS server cannot take it over until it has been made anew'

/** Of a new consumer, `delivered` is the sequence before the oldest message that is left for it. */
function checkRetention(stream: string, have: number, { delivered }: ConsumerInfo): void {
  if (delivered.stream > have) throw retentionGap(stream, have, delivered.stream + 1)
}
