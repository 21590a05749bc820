import type { Credentials } from '../authority.js'
import type { ExportStore } from '../export-store.js'
import type { FaultQueue, RouteName } from '../faults.js'
import type { Journal } from '../journal.js'
import type { SchemaShelf } from '../schema-shelf.js'
import type { SecretLedger } from '../secret-ledger.js'

/** What the routes of the HTTP API share. */
export interface HttpContext {
  readonly url: string
  readonly serverId: string
  readonly apiKey: string
  readonly enrollmentCodes: Set<string>
  readonly journal: Journal
  readonly secrets: SecretLedger
  readonly faults: FaultQueue
  readonly schemas: SchemaShelf
  readonly exports: ExportStore
  /** NATS credentials for a new session. */
  issueCredentials(sessionId: string): Promise<Credentials>
}

/** How a route is marked: its name for faults, and whether it wants the API key. */
export interface RouteMark {
  readonly name: RouteName
  readonly open?: boolean
}

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly mark?: RouteMark
  }
  interface FastifyRequest {
    /** Number of the request's record in the journal. */
    recordIndex: number
    /** The answer is to break off halfway. */
    cut: boolean
  }
}
