import type { Database } from './database.js'

export const cursorsTable = 'eds_cursors'

/** @see {@link CursorStore} */
export const createCursors = `
CREATE TABLE IF NOT EXISTS ${cursorsTable} (
  stream VARCHAR(64) NOT NULL,
  name VARCHAR(190) NOT NULL,
  position VARCHAR(100) NOT NULL,
  changed_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
  PRIMARY KEY (stream, name)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`

/** What the database remembers of the cursors of one stream (`binlog`, or the name of an outbox). */
export class CursorStore {
  readonly stream: string
  readonly #database: Database

  constructor(database: Database, stream: string) {
    this.#database = database
    this.stream = stream
  }

  async read(name: string): Promise<string | undefined> {
    const text = `SELECT position FROM ${cursorsTable} WHERE stream = ? AND name = ?`
    const [row] = await this.#database.query<{ position: string }>(text, [this.stream, name])
    return row?.position
  }

  async write(name: string, position: string): Promise<void> {
    const text = `INSERT INTO ${cursorsTable} (stream, name, position) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE position = VALUES(position)`
    await this.#database.query(text, [this.stream, name, position])
  }

  /** Positions of all cursors, the oldest first. */
  async positions(): Promise<string[]> {
    const text = `SELECT position FROM ${cursorsTable} WHERE stream = ? ORDER BY position`
    const rows = await this.#database.query<{ position: string }>(text, [this.stream])
    return rows.map(({ position }) => position)
  }
}

/** Forgets a cursor in every stream. Nothing to do where nothing was ever captured. */
export async function forgetCursor(database: Database, name: string): Promise<void> {
  if (!(await hasCursors(database))) return
  await database.query(`DELETE FROM ${cursorsTable} WHERE name = ?`, [name])
}

/** The names of all cursors, of every stream. */
export async function cursorNames(database: Database): Promise<string[]> {
  if (!(await hasCursors(database))) return []
  const rows = await database.query<{ name: string }>(`SELECT DISTINCT name FROM ${cursorsTable}`)
  return rows.map(({ name }) => name)
}

async function hasCursors(database: Database): Promise<boolean> {
  const [table] = await database.query(`SHOW TABLES LIKE '${cursorsTable.replaceAll('_', '\\_')}'`)
  return table !== undefined
}
