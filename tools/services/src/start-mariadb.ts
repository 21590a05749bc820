import { mariadb } from './mariadb.js'
import { type PrivateServer, startPrivately } from './private-server.js'

/** Options of a private MariaDB server; its binary log is on, in row format. */
export interface MariadbOptions {
  /** Appended to the command line, such as `['--binlog-row-metadata=FULL']`. */
  readonly args?: readonly string[]
}

/** A throw-away server is small: it keeps little in memory. */
const small = ['--innodb-buffer-pool-size=64M', '--performance-schema=OFF']

/** Starts a throw-away MariaDB server; takes a few seconds. Rejects with the end of its log when it does not start. */
export function startMariadb(options: MariadbOptions = {}): Promise<PrivateServer> {
  return startPrivately(mariadb, async () => [...small, ...(options.args ?? [])])
}
