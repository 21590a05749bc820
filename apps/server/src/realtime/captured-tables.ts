import type { RealtimeSettings } from '../settings/realtime.js'

/**
 * The tables to capture; `undefined`: every one with a primary key. Without destinations besides the sockets, only tables that somebody
 * may see are worth it.
 */
export function capturedTables({
  tables,
  sockets,
  server,
}: Pick<RealtimeSettings, 'tables' | 'sockets' | 'server'>): readonly string[] | undefined {
  const routed = Object.keys(sockets.routing)
  return tables ?? (server.urls.length > 0 || routed.length === 0 ? undefined : routed)
}
