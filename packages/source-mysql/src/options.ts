import type { Clock, Logger } from '@eds/core'

/** How changes are captured; `auto`: by binary log where the server and our rights allow it, else by triggers. */
export type CaptureMode = 'auto' | 'binlog' | 'triggers'

/** Where the database is and who we are there; each may be given apart or as part of `url`. */
export interface MysqlConnectionOptions {
  /** `mysql://user:password@host:3306/database`, also `mariadb://`. */
  readonly url?: string
  readonly host?: string
  /** Default 3306. */
  readonly port?: number
  readonly database?: string
  readonly user?: string
  readonly password?: string
  /** `required` does not verify the certificate. Default: `disable` for this machine, `prefer` elsewhere. */
  readonly tls?: 'disable' | 'prefer' | 'required' | 'verify'
  /** PEM text of the authorities to trust; default: those of Node.js. */
  readonly ca?: string
  /** Give up connecting after this long, milliseconds, default 10,000. */
  readonly connectTimeoutMs?: number
  /** Give up a statement that the server does not answer, milliseconds, default 120,000. */
  readonly statementTimeoutMs?: number
}

/** Options of the source `mysql`. */
export interface MysqlOptions extends MysqlConnectionOptions {
  /** Default `auto`. */
  readonly mode?: CaptureMode
  /** Tables of the database to capture. Default: every one that has a primary key, those made later included. */
  readonly tables?: readonly string[]
  /** First element of each event's key. Default: the database's name. */
  readonly region?: string
  /**
   * True (default): a cursor that nobody remembers begins with the rows that are there, as INSERTs, then follows the changes. False: it
   * begins at the oldest change that the source still has. Means nothing to a cursor that starts at `now` or at a time.
   */
  readonly snapshot?: boolean
  /** `triggers`: the table that the triggers write to. Default `eds_outbox`. */
  readonly outboxTable?: string
  /** `triggers`: longest wait between two looks at the outbox, milliseconds, 1 to 250, default 250. */
  readonly pollMs?: number
  /** `triggers`: changes stay in the outbox for this long at least, whoever has acknowledged them; milliseconds, default 60,000. */
  readonly retainMs?: number
  /** How often the catalog is looked at for tables that came, went or changed; milliseconds, default 1,000. */
  readonly refreshMs?: number
  /** How long to wait for another reader of the same cursor to let go, milliseconds, default 5,000. */
  readonly takeoverMs?: number
  /** `binlog`: the number that we call ourselves at the server, unique among its replicas. Default: a random one per reader. */
  readonly serverId?: number
  /** Most bytes held for a slow pipeline, per reader; a single larger change still fits. Default 4 MiB. */
  readonly bufferBytes?: number
  readonly clock?: Clock
  readonly logger?: Logger
  /** Uniform in [0, 1). */
  readonly random?: () => number
}
