import { type Clock, httpRegistry, type Logger, type StateStore, type TableSchema, toEdsError } from '@eds/core'

const retryForMs = 30_000
const firstWaitMs = 500

/** The latest schemas of HQ, by table. Asked for again for half a minute while HQ cannot be reached. */
export async function latestSchemas(
  baseUrl: string,
  { cache, clock, logger, signal }: { cache?: StateStore; clock: Clock; logger: Logger; signal: AbortSignal },
): Promise<ReadonlyMap<string, TableSchema>> {
  const registry = httpRegistry({ baseUrl, clock, ...(cache && { cache }) })
  const startedAt = clock.now()
  for (let waitMs = firstWaitMs; ; waitMs *= 2) {
    try {
      return await registry.latest(signal)
    } catch (thrown) {
      const error = toEdsError(thrown)
      if (!error.retryable || signal.aborted || clock.now() - startedAt + waitMs > retryForMs) throw error
      logger.warn({}, `cannot get the schemas, trying again: ${error.message}`)
      await clock.sleep(waitMs, signal)
    }
  }
}
