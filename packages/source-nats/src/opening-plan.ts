import type { StartAt } from '@eds/core'
import type { ConsumerStart } from './consumer-config.js'
import type { ConsumerInfo } from './consumer-info.js'
import type { Anchor } from './sequence-guard.js'

/**
 * - `create`: nobody remembers the cursor; a new consumer.
 * - `continue`: the consumer stands exactly where reading must go on.
 * - `restart`: it does not; it is made anew so that reading goes on after the anchor.
 */
export type OpeningPlan =
  | { readonly action: 'create'; readonly start: ConsumerStart }
  | { readonly action: 'continue'; readonly anchor: Anchor }
  | { readonly action: 'restart'; readonly anchor: Anchor }

/** What is known when a cursor is opened. */
export interface OpeningFacts {
  /** The consumer, when it exists. */
  readonly info: ConsumerInfo | undefined
  /** The last position that is durable at the destination. */
  readonly after: Anchor | undefined
  /** Left behind by a restart that did not come to its end. */
  readonly note: Anchor | undefined
  readonly start: StartAt
}

/**
 * Decides how to go on. After a crash a durable goes on with newer messages and brings the outstanding ones again only after the ack
 * wait; acknowledging one of the newer ones then loses the older for ever under acknowledge-all. So a consumer is used as it stands
 * only when nothing is outstanding and it stands at the very message that is durable.
 */
export function planOpening({ info, after, note, start }: OpeningFacts): OpeningPlan {
  const anchor = after ?? validNote(note, info)
  if (anchor) {
    const isThere = info !== undefined && info.ackPending === 0 && info.ackFloor.stream === anchor.sequence
    return { action: isThere ? 'continue' : 'restart', anchor }
  }
  if (!info) return { action: 'create', start: consumerStart(start) }
  return { action: info.ackPending === 0 ? 'continue' : 'restart', anchor: { sequence: info.ackFloor.stream } }
}

/** A consumer that has been acknowledged beyond the note was in use since, so the note is of no more worth. */
function validNote(note: Anchor | undefined, info: ConsumerInfo | undefined): Anchor | undefined {
  return note && info && info.ackFloor.stream > note.sequence && info.ackFloor.consumer > 0 ? undefined : note
}

/** Without a wish of the user everything that the stream holds is delivered: rather repeated than missed. */
function consumerStart(start: StartAt): ConsumerStart {
  switch (start.at) {
    case 'resume':
    case 'beginning':
      return { from: 'beginning' }
    case 'now':
      return { from: 'now' }
    case 'time':
      return { from: 'time', time: start.time }
  }
}
