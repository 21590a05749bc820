/** What the server said about itself and about us. */
export interface ServerFacts {
  /** `MariaDB 10.11.19` */
  readonly product: string
  readonly mariadb: boolean
  readonly database: string
  /** Our own connection, for `KILL`. */
  readonly connectionId: number
  /** No request may be larger. */
  readonly maxPacketBytes: number
  /** `lower_case_table_names` other than 0: `Order` and `order` are one table. */
  readonly foldsTableNames: boolean
  readonly localInfile: boolean
  readonly readOnly: boolean
  /** `innodb_flush_log_at_trx_commit` is 1: a commit survives the machine's crash. */
  readonly flushesCommits: boolean
  /** Collation that tells any two texts apart: letters of either case, trailing blanks. */
  readonly keyCollation: string
}

/** One row that {@link serverFacts} reads. */
export const factsQuery = `
SELECT VERSION() AS version, DATABASE() AS \`database\`, CONNECTION_ID() AS connectionId,
  @@max_allowed_packet AS maxPacketBytes, @@lower_case_table_names AS lowerCaseTableNames, @@local_infile AS localInfile,
  @@global.read_only AS readOnly, @@innodb_flush_log_at_trx_commit AS flush`

export interface FactsRow {
  readonly version: string
  readonly database: string
  readonly connectionId: number
  readonly maxPacketBytes: number
  readonly lowerCaseTableNames: number
  readonly localInfile: number
  /** MariaDB 12 has words. */
  readonly readOnly: number | string
  readonly flush: number
}

export function serverFacts(row: FactsRow): ServerFacts {
  const mariadb = row.version.includes('MariaDB')
  const version = /^\d+(?:\.\d+)*/.exec(row.version)?.[0] ?? ''
  return {
    product: `${mariadb ? 'MariaDB' : 'MySQL'} ${version}`,
    mariadb,
    database: row.database,
    connectionId: Number(row.connectionId),
    maxPacketBytes: Number(row.maxPacketBytes),
    foldsTableNames: Number(row.lowerCaseTableNames) !== 0,
    localInfile: Number(row.localInfile) === 1,
    readOnly: !['0', 'OFF'].includes(String(row.readOnly)),
    flushesCommits: Number(row.flush) === 1,
    keyCollation: keyCollation(mariadb, version),
  }
}

function keyCollation(mariadb: boolean, version: string): string {
  if (mariadb) return 'utf8mb4_nopad_bin'
  return Number.parseInt(version, 10) >= 8 ? 'utf8mb4_0900_bin' : 'utf8mb4_bin'
}
