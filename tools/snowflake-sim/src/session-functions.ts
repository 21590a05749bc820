import type { Compiled } from './scope.js'
import type { Session } from './session.js'
import { textType } from './sql-type.js'

/** CURRENT_…() of the session, or undefined for another function. */
export function sessionFunctions(name: string, session: Session): Compiled | undefined {
  const text = (value: string | undefined): Compiled => ({ type: textType, references: [], run: () => value ?? null })
  switch (name) {
    case 'CURRENT_VERSION':
      return text('9.30.0-simulator')
    case 'CURRENT_DATABASE':
      return text(session.database)
    case 'CURRENT_SCHEMA':
      return text(session.schema)
    case 'CURRENT_WAREHOUSE':
      return text(session.warehouse)
    case 'CURRENT_ROLE':
      return text(session.role)
    case 'CURRENT_SESSION':
      return text(String(session.id))
    case 'CURRENT_TRANSACTION':
      return text(session.transaction === undefined ? undefined : '1')
    case 'LAST_QUERY_ID':
      return text([...session.results.keys()].at(-1))
    default:
      return undefined
  }
}
