import type { Statement } from '../sql/ast.js'
import { rename } from './change-tables.js'
import { compile } from './compile.js'
import type { LockDuration } from './locks.js'
import type { Session } from './session.js'
import { SqlError, syntaxError } from './sql-error.js'
import { textOf } from './text-of.js'

type Execute = Extract<Statement, { kind: 'execute' }>

/** The value of an argument as text, by its name (in small letters) or else by its position. */
type Argument = (name: string, position: number) => string | undefined

/** Runs a stored procedure; what it returns goes into the variable that the statement names. */
export async function executeProcedure(session: Session, statement: Execute): Promise<void> {
  const procedure = procedures[statement.procedure]
  if (!procedure) {
    throw new SqlError(2812, `Could not find stored procedure '${statement.procedure}'.`, { state: 62, reach: 'batch' })
  }
  const status = await procedure(session, argumentsOf(session, statement))
  if (statement.result === undefined) return
  session.variables.set(statement.result, { type: session.variable(statement.result).type, value: BigInt(status) })
}

function argumentsOf(session: Session, statement: Execute): Argument {
  const values = statement.arguments.map(({ name, value }) => {
    const { run, type } = compile(value, { session, scope: { sources: [] } })
    const result = run([])
    return { name, text: result === null ? undefined : textOf(result, type) }
  })
  return (name, position) => {
    const named = values.find((value) => value.name === name)
    if (named) return named.text
    return values[position]?.name === undefined ? values[position]?.text : undefined
  }
}

const procedures: Record<string, (session: Session, argument: Argument) => Promise<number>> = {
  sp_getapplock: getApplicationLock,
  sp_releaseapplock: releaseApplicationLock,
  sp_rename: async (session, argument) => {
    const [from, to] = [argument('@objname', 0), argument('@newname', 1)]
    if (from === undefined || to === undefined) throw missing('sp_rename', from === undefined ? '@objname' : '@newname')
    rename(session, from, to, argument('@objtype', 2))
    return 0
  },
}

const missing = (procedure: string, parameter: string) =>
  new SqlError(201, `Procedure or function '${procedure}' expects parameter '${parameter}', which was not supplied.`, {
    state: 4,
    reach: 'batch',
  })

/**
 * 0: granted at once; 1: after a wait; -1: timed out; -3: chosen as the victim of a deadlock; -999: wrong arguments.
 * See https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-getapplock-transact-sql
 */
async function getApplicationLock(session: Session, argument: Argument): Promise<number> {
  const mode = argument('@lockmode', 1)?.toLowerCase()
  if (mode !== 'exclusive') throw syntaxError(`@LockMode = ${mode}`)
  const resource = argument('@resource', 0)
  const duration = durationOf(argument('@lockowner', 2))
  if (resource === undefined || duration === undefined) return -999
  if (duration === 'transaction' && session.transactionDepth === 0) return -999
  try {
    // Without a timeout of its own it is that of the session, which is to wait for ever.
    const outcome = await session.database.locks.acquire(
      session,
      resource,
      duration,
      Number(argument('@locktimeout', 3) ?? -1),
    )
    return { 'at once': 0, 'after waiting': 1, 'timed out': -1 }[outcome]
  } catch (error) {
    if (error instanceof SqlError && error.number === 1205) return -3
    throw error
  }
}

async function releaseApplicationLock(session: Session, argument: Argument): Promise<number> {
  const resource = argument('@resource', 0)
  const duration = durationOf(argument('@lockowner', 1))
  if (resource === undefined || duration === undefined) return -999
  if (session.database.locks.giveBack(session, resource, duration)) return 0
  throw new SqlError(
    1223,
    `Cannot release the application lock (Database Principal: 'public', Resource: '${resource}') because it is not currently held.`,
  )
}

function durationOf(owner = 'transaction'): LockDuration | undefined {
  const duration = owner.toLowerCase()
  return duration === 'transaction' || duration === 'session' ? duration : undefined
}
