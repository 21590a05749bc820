import { maskUrl } from '@eds/core'
import type { RealtimeSettings } from '../settings/realtime.js'
import { capturedTables } from './captured-tables.js'

/** What the program is going to do, in lines for the log. Holds no secret. */
export function startSummary(settings: RealtimeSettings): string[] {
  const { database, mode = 'auto', sockets, server } = settings
  const { authTable, authColumn, republish, development, jwksUrl } = sockets
  const tables = capturedTables(settings)
  const captured = tables === undefined ? 'every table with a primary key' : `tables ${tables.join(', ')}`
  const routes = Object.entries(sockets.routing).map(([table, rule]) => `${table} → ${describeRule(rule)}`)
  return [
    `changes of ${maskUrl(database.url)}: ${captured}; mode ${mode}`,
    `who gets them: ${routes.length === 0 ? 'nobody, for TABLE_AUTH_COLUMN_ROUTING has no rule' : routes.join('; ')}`,
    ...(sockets.filters.length === 0 ? [] : [`columns that are never sent: ${sockets.filters.join(', ')}`]),
    jwksUrl === undefined
      ? `tokens are looked up in column "${authColumn}" of table "${authTable}"`
      : `tokens are JWTs signed with a key of ${maskUrl(jwksUrl)}`,
    `POST /publish is ${settings.securityToken === undefined ? 'off (there is no SECURITY_TOKEN)' : 'on'}; republishing by sockets is ${
      republish ? 'on' : 'off'
    }; served over ${server.http.tls ? 'HTTPS' : 'HTTP'}`,
    ...(development ? ['development: the token TEST is accepted, as user -1'] : []),
  ]
}

function describeRule(rule: string | readonly string[]): string {
  const columns = [rule].flat()
  return columns.includes('*') ? 'everyone' : columns.join(' or ')
}
