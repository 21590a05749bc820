import type { MysqlSource } from './capture-source.js'
import type { MysqlOptions } from './options.js'
import { resolveSettings } from './settings.js'
import { DatabaseSource } from './source.js'

export type { CursorStatus, MysqlSource, Removal } from './capture-source.js'
export type { CaptureMode, MysqlConnectionOptions, MysqlOptions } from './options.js'

/**
 * Changes of a MySQL or MariaDB database. Connects when the first reader is opened.
 *
 * @throws EdsError `configuration` when an option is wrong.
 */
export function mysql(options: MysqlOptions): MysqlSource {
  return new DatabaseSource(resolveSettings(options))
}

export default mysql
