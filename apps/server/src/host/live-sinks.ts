import { EdsError, type Logger, type Sink, type Source, systemClock, toEdsError } from '@eds/core'
import { errorLine } from '../failure.js'

/** Longer would keep the program from ending. */
const forgetMs = 5_000
const againMs = 200

/** Whether a sink begins at now with each start, so that the source need not keep its place for it. */
export function isLive({ definition, config }: Pick<Sink, 'definition' | 'config'>): boolean {
  return definition.traits(config).start === 'now'
}

/**
 * The source, leaving nothing behind for live sinks when it is closed: a slot or an outbox that nobody reads would fill the disk of the
 * database's server.
 */
export function leavingNothing(source: Source, liveSinks: readonly string[], logger: Pick<Logger, 'warn'>): Source {
  if (liveSinks.length === 0) return source
  return {
    description: source.description,
    open: (request) => source.open(request),
    forget: (cursor) => source.forget(cursor),
    close: async () => {
      await Promise.all(liveSinks.map((cursor) => forget(source, cursor, logger)))
      await source.close()
    },
  }
}

async function forget(source: Source, cursor: string, logger: Pick<Logger, 'warn'>): Promise<void> {
  const done = new AbortController()
  let refusal: unknown = new EdsError('timeout', 'it does not answer')
  const tooLate = systemClock.sleep(forgetMs, done.signal).then(() => {
    if (!done.signal.aborted) throw refusal
  })
  const attempts = untilForgotten(source, cursor, done.signal, (error) => {
    refusal = error
  })
  try {
    await Promise.race([attempts, tooLate])
  } catch (error) {
    const advice = 'unless another program reads by it, start this one again, or clean up with eds source remove'
    logger.warn(
      { sink: cursor },
      `${source.description} still keeps the place of ${cursor} (${errorLine(error)}): ${advice}`,
    )
  } finally {
    done.abort()
  }
}

/** The server may take a moment to see that the reader is gone. */
async function untilForgotten(
  source: Source,
  cursor: string,
  signal: AbortSignal,
  onRefusal: (error: unknown) => void,
): Promise<void> {
  for (;;) {
    try {
      await source.forget(cursor)
      return
    } catch (error) {
      if (signal.aborted || !toEdsError(error).retryable) throw error
      onRefusal(error)
      await systemClock.sleep(againMs, signal)
    }
  }
}
