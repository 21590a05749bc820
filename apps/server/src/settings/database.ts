import { parseUrl } from '@eds/core'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { usageError } from '../exit-codes.js'
import { checkMode, databaseKind } from '../host/database-source.js'
import { readOptions, text, texts } from './option-types.js'

const databaseOptions = z.object({ source: text.optional(), mode: text.optional(), tables: texts.optional() })

/** A database whose changes are delivered, instead of those of a stream. */
export interface DatabaseSettings {
  readonly url: string
  /** One of the database's; absent: what the server and our rights allow. */
  readonly mode?: string
  /** Absent: all. */
  readonly tables?: readonly string[]
}

/**
 * Reads `--source` and what goes with it; `undefined` without. The redactor learns the password.
 *
 * @throws CommandFailure (exit code 3) for what does not go together
 */
export function readDatabaseSettings(call: CommandCall): DatabaseSettings | undefined {
  const { source, mode, tables } = readOptions(databaseOptions, call)
  if (source === undefined) {
    const alone = mode !== undefined ? 'mode' : tables !== undefined ? 'tables' : undefined
    if (alone === undefined) return undefined
    throw usageError(
      `${call.flagOf(alone)} needs a database`,
      'name it with --source, for instance --source postgres://localhost/shop',
    )
  }
  const rival = ['server', 'creds', 'stream'].find((name) => call.options[name] !== undefined)
  if (rival !== undefined) {
    throw usageError(`--source does not go with ${call.flagOf(rival)}`, 'there is one source: leave one of them out')
  }
  const { password } = parseUrl(source)
  if (password !== undefined) call.redactor.add([password])
  checkMode(databaseKind(source), mode)
  return { url: source, ...(mode !== undefined && { mode }), ...(tables !== undefined && { tables }) }
}
