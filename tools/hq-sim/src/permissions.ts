/** What a NATS user may publish and subscribe to. */
export interface SubjectPermissions {
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
}

/**
 * What HQ grants the user of a session, and nothing besides. Left out on purpose, so that client code which probes them
 * fails here too: `$JS.API.INFO` and `$JS.API.STREAM.INFO.*`.
 */
export function sessionPermissions(sessionId: string, companies: readonly string[]): SubjectPermissions {
  return {
    publish: [
      '$JS.API.STREAM.NAMES',
      '$JS.ACK.dbchange.>',
      '$JS.API.CONSUMER.>',
      '$JS.API.STREAM.CREATE.dbchange',
      `eds.client.${sessionId}.>`,
      '_INBOX.>',
      'dbchange.>',
    ],
    subscribe: [
      ...companies.map((company) => `dbchange.*.*.${company}.*.PUBLIC.>`),
      `eds.notify.${sessionId}.>`,
      '_INBOX.>',
    ],
  }
}
