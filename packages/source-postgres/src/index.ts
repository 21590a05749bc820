import { resolveSettings } from './settings.js'
import { PostgresSource } from './source.js'
import type { PostgresSourceOptions } from './types.js'

export type * from './types.js'

/**
 * Changes of a PostgreSQL database as a source. Connects when the first reader is opened.
 *
 * @throws EdsError `configuration` when an option is wrong.
 */
export function postgres(options: PostgresSourceOptions): PostgresSource {
  return new PostgresSource(resolveSettings(options))
}

export type { PostgresSource } from './source.js'
export default postgres
