import { ticksOf } from './moments.js'
import type { Session } from './session.js'
import { splitName } from './split-name.js'
import { intType, nvarcharType, type SqlType, typeOf, type Value } from './types.js'

/** A function that tells something of the server, the database or the session. */
interface ServerFunction {
  readonly type: SqlType
  readonly run: (session: Session, args: readonly Value[]) => Value
}

const textType = nvarcharType(128)
export const productVersion = '16.0.1000.6'

const now: ServerFunction = { type: typeOf('datetime2', 0, 0, 7), run: (session) => ticksOf(session.now()) }

const properties: Record<string, string> = {
  productversion: productVersion,
  productmajorversion: '16',
  edition: 'Developer Edition (64-bit)',
  engineedition: '3',
  servername: 'tds-sim',
  collation: 'SQL_Latin1_General_CP1_CI_AS',
}

const lower = (value: Value | undefined) => (typeof value === 'string' ? value.toLowerCase() : '')

const serverProperty = (name: Value | undefined): Value => properties[lower(name)] ?? null

function databaseProperty(session: Session, name: Value | undefined): Value {
  const { switches } = session.database
  const known: Record<string, string> = {
    updateability: switches.readOnly ? 'READ_ONLY' : 'READ_WRITE',
    status: 'ONLINE',
    collation: 'SQL_Latin1_General_CP1_CI_AS',
  }
  return known[lower(name)] ?? null
}

function hasPermission(session: Session, [, , permission]: readonly Value[]): Value {
  const { createDenied, writeDenied } = session.database.switches
  const wanted = lower(permission)
  if (wanted.startsWith('create')) return createDenied ? 0n : 1n
  return ['insert', 'update', 'delete'].includes(wanted) && writeDenied ? 0n : 1n
}

function objectId(session: Session, name: Value | undefined): Value {
  if (typeof name !== 'string') return null
  const table = session.findTable(splitName(name))
  return table ? BigInt(table.id) : null
}

function objectName(session: Session, id: Value | undefined): Value {
  return session.database.tables.find((table) => BigInt(table.id) === id)?.name ?? null
}

/** By name in small letters. */
export const serverFunctions: Record<string, ServerFunction> = {
  sysutcdatetime: now,
  sysdatetime: now,
  getutcdate: { type: typeOf('datetime'), run: now.run },
  getdate: { type: typeOf('datetime'), run: now.run },
  db_name: { type: textType, run: (session) => session.database.name },
  schema_name: {
    type: textType,
    run: (session, [id]) =>
      id === undefined ? 'dbo' : ([...session.database.schemas.values()][Number(id) - 1] ?? null),
  },
  schema_id: {
    type: intType,
    run: (session, [name]) => {
      const position = [...session.database.schemas.keys()].indexOf(name === undefined ? 'dbo' : lower(name))
      return position < 0 ? null : BigInt(position + 1)
    },
  },
  suser_sname: { type: textType, run: (session) => session.user },
  original_login: { type: textType, run: (session) => session.user },
  user_name: { type: textType, run: () => 'dbo' },
  app_name: { type: textType, run: (session) => session.applicationName },
  object_id: { type: intType, run: (session, [name]) => objectId(session, name) },
  object_name: { type: textType, run: (session, [id]) => objectName(session, id) },
  has_perms_by_name: { type: intType, run: hasPermission },
  serverproperty: { type: textType, run: (_session, [name]) => serverProperty(name) },
  databasepropertyex: { type: textType, run: (session, [, name]) => databaseProperty(session, name) },
  xact_state: { type: typeOf('smallint'), run: (session) => (session.transactionDepth > 0 ? 1n : 0n) },
}
