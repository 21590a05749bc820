import type { StartAt } from '@eds/core'
import { parseDuration } from '../duration.js'

/**
 * Reads where to begin: `new` (or `now`), `beginning`, a time (RFC 3339, or a date) or a duration back from now (`2h`).
 * `undefined` when it is none of these.
 */
export function parseStart(text: string, now: number): StartAt | undefined {
  if (text === 'new' || text === 'now') return { at: 'now' }
  if (text === 'beginning') return { at: 'beginning' }
  const back = parseDuration(text)
  if (back !== undefined) return { at: 'time', time: now - back }
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : { at: 'time', time }
}
