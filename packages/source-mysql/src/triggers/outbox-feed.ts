import type { Delivery } from '@eds/core'
import type { MysqlSettings } from '../settings.js'
import type { OutboxLog } from './outbox-log.js'
import type { Sequencer } from './sequencer.js'

const shortestWaitMs = 2

export interface OutboxFeedParts {
  readonly log: OutboxLog
  readonly sequencer: Sequencer
  readonly settings: MysqlSettings
  /** Brings triggers up to date with the catalog; called now and then. */
  readonly watch: () => Promise<void>
}

/** Changes after a sequence, for ever. Looks at the outbox less and less often while nothing comes, and never less than `pollMs` says. */
export async function* outboxFeed(
  { log, sequencer, settings, watch }: OutboxFeedParts,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<readonly Delivery[]> {
  const { clock, random, pollMs, refreshMs } = settings
  let last = after
  let waitMs = shortestWaitMs
  let watchedAt = clock.now()
  while (!signal.aborted) {
    if (clock.now() - watchedAt >= refreshMs) {
      await watch()
      watchedAt = clock.now()
    }
    const chunk = await log.next(last, false)
    if (chunk !== undefined) {
      last = chunk.last
      waitMs = shortestWaitMs
      if (chunk.deliveries.length > 0) yield chunk.deliveries
      continue
    }
    if (await sequencer.advance()) continue
    // Jitter, so that many readers do not ask at the same moment.
    await clock.sleep(waitMs * (0.5 + random() / 2), signal)
    waitMs = Math.min(waitMs * 2, pollMs)
  }
}
