import { type ConnectionProbe, EdsError, type ProbeReport } from '@eds/core'
import type { MysqlConfig } from './config.js'
import { toMysqlError } from './errors.js'
import type { ServerFacts } from './server.js'
import { Session } from './session.js'

/** What a user needs, to make tables and to write to them. */
const wanted = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'ALTER', 'DROP'] as const
const written: readonly string[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
/** Rows of a few megabytes must fit. */
const smallPacketBytes = 4 * 1024 * 1024

/** Looks whether the destination can be written to, on a connection of its own. */
export class Probe implements ConnectionProbe {
  readonly #config: MysqlConfig

  constructor(config: MysqlConfig) {
    this.#config = config
  }

  async test(signal: AbortSignal): Promise<ProbeReport> {
    const session = await Session.open(this.#config, signal)
    try {
      const { product, database } = session.server
      const rights = await readRights(session, signal)
      const missing = wanted.filter((right) => !rights.database.has(right))
      const lacksWriting = missing.filter((right) => written.includes(right))
      if (lacksWriting.length > 0 && !rights.anyTable) throw refusal(this.#config, missing)
      return { summary: `${product}, database "${database}"`, warnings: warningsOf(session.server, missing) }
    } catch (error) {
      throw toMysqlError(error)
    } finally {
      await session.close()
    }
  }
}

function refusal({ username, database }: MysqlConfig, missing: readonly string[]): EdsError {
  return new EdsError('authentication', `MySQL: user "${username}" lacks ${missing.join(', ')} on "${database}"`, {
    fix: `GRANT ${wanted.join(', ')} ON \`${database.replaceAll('`', '``')}\`.* TO the user`,
  })
}

function warningsOf(server: ServerFacts, missing: readonly string[]): string[] {
  const warnings: string[] = []
  if (missing.length > 0) warnings.push(`no right to ${missing.join(', ')} on the whole database`)
  if (!server.localInfile) warnings.push('local_infile is off at the server: imports use slower inserts')
  if (!server.flushesCommits) {
    warnings.push('innodb_flush_log_at_trx_commit is not 1: a crash of the server can lose what was written')
  }
  if (server.maxPacketBytes < smallPacketBytes) {
    warnings.push(`max_allowed_packet is ${server.maxPacketBytes} bytes: larger rows go to the dead letters`)
  }
  return warnings
}

interface Rights {
  /** Granted for the server or the database. */
  readonly database: ReadonlySet<string>
  /** True when rights on some table were granted. */
  readonly anyTable: boolean
}

/** What is granted to us by name or through the server; roles are resolved by the server where it can. */
async function readRights(session: Session, signal: AbortSignal): Promise<Rights> {
  const rows = await session.query<Record<string, string>>('SHOW GRANTS', [], signal)
  const own = session.server.database
  const database = new Set<string>()
  let anyTable = false
  for (const row of rows) {
    const grant = parseGrant(Object.values(row)[0] ?? '')
    if (grant === undefined) continue
    if (grant.table !== '*') anyTable ||= matches(grant.database, own)
    else if (matches(grant.database, own)) for (const right of grant.rights) database.add(right)
  }
  return { database, anyTable }
}

interface Grant {
  readonly rights: readonly string[]
  readonly database: string
  readonly table: string
}

/** ``GRANT SELECT, INSERT ON `shop`.* TO …`` taken apart; `undefined` for roles. */
export function parseGrant(text: string): Grant | undefined {
  const found = /^GRANT (.+?) ON (\*|`(?:[^`]|``)*`)\.(\*|`(?:[^`]|``)*`) TO /i.exec(text)
  if (found === null) return undefined
  const [, list = '', database = '', table = ''] = found
  const rights = /^ALL PRIVILEGES/i.test(list) ? [...wanted] : list.split(', ').map((right) => right.toUpperCase())
  return { rights, database: unquote(database), table: unquote(table) }
}

function unquote(name: string): string {
  return name === '*' ? name : name.slice(1, -1).replaceAll('``', '`')
}

/** Grants name databases by patterns: `_` and `%`, which a backslash takes literally. */
function matches(pattern: string, database: string): boolean {
  if (pattern === '*') return true
  const source = pattern.replace(/\\([_%\\])|([%_])|[.*+?^${}()|[\]\\]/g, (part, literal, wildcard) => {
    if (literal !== undefined) return literal === '\\' ? '\\\\' : literal
    if (wildcard !== undefined) return wildcard === '%' ? '.*' : '.'
    return `\\${part}`
  })
  return new RegExp(`^${source}$`, 's').test(database)
}
