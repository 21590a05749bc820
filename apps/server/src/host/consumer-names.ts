/** What consumers are named by. */
export interface ConsumerNaming {
  /** From the credentials; absent without. */
  readonly serverId?: string
  readonly suffix?: string
}

/** The server id where there are no credentials to tell one. */
const localServerId = 'dev'

/**
 * The durable consumer of each sink.
 *
 * With credentials or a suffix the first sink uses `eds-<server id>[-<suffix>]`, the consumer of the EDS server that was there before,
 * and may be taken back to it (so its events are acknowledged one by one). All other consumers are this program's own, `edsd-…`, and
 * are acknowledged a batch at a time.
 */
export function consumerNames(sinks: readonly string[], { serverId, suffix }: ConsumerNaming): Map<string, string> {
  const shared = serverId !== undefined || suffix !== undefined
  const owner = serverId ?? localServerId
  const parts = suffix === undefined ? [owner] : [owner, suffix]
  return new Map(
    sinks.map((sink, index) => {
      if (!shared) return [sink, `edsd-${sink}`]
      return [sink, index === 0 ? ['eds', ...parts].join('-') : ['edsd', ...parts, sink].join('-')]
    }),
  )
}
