import type { QualifiedName } from './ast.js'
import type { Session } from './session.js'
import { noCurrentDatabase, objectMissing, tableMissing } from './sql-error.js'
import type { SqlType } from './sql-type.js'
import type { Transaction } from './transaction.js'
import type { Row } from './value.js'

export interface Column {
  readonly name: string
  readonly type: SqlType
  readonly nullable: boolean
}

/** Rows are replaced as a whole and never changed in place: a reader keeps what it began with. */
export interface Table {
  name: ObjectName
  columns: readonly Column[]
  readonly primaryKey: readonly string[]
  rows: readonly Row[]
  readonly temporary: boolean
  /** Files that COPY already loaded, by content: it loads none twice. */
  readonly loadedFiles: Set<string>
  lockedBy?: Transaction | undefined
  readonly waiting: (() => void)[]
}

export interface Stage {
  readonly name: ObjectName
  /** Folder that the client writes into. */
  readonly folder: string
  readonly temporary: boolean
}

export interface ObjectName {
  readonly database: string
  readonly schema: string
  readonly object: string
}

export const keyOf = (name: ObjectName) => JSON.stringify([name.database, name.schema, name.object])
const schemaKey = (database: string, schema: string) => JSON.stringify([database, schema])

/** Everything that outlives a session. */
export class Catalog {
  readonly databases = new Set<string>()
  readonly schemas = new Set<string>()
  readonly tables = new Map<string, Table>()
  readonly stages = new Map<string, Stage>()

  addSchema(database: string, schema: string): void {
    this.databases.add(database)
    this.schemas.add(schemaKey(database, schema))
  }

  hasSchema(database: string, schema: string): boolean {
    return this.schemas.has(schemaKey(database, schema))
  }

  /** Completes a name from the session's current database and schema, both of which must exist. */
  qualify(name: QualifiedName, session: Session): ObjectName {
    const [object = '', givenSchema, givenDatabase] = [...name].reverse()
    const database = givenDatabase ?? session.database
    const schema = givenSchema ?? session.schema
    if (database === undefined || schema === undefined) throw noCurrentDatabase()
    if (!this.databases.has(database)) throw objectMissing('Database', displayName([database]))
    if (!this.hasSchema(database, schema)) throw objectMissing('Schema', displayName([database, schema]))
    return { database, schema, object }
  }

  /** The session's temporary table hides a permanent one of the same name. */
  findTable(name: QualifiedName, session: Session): Table | undefined {
    const key = keyOf(this.qualify(name, session))
    return session.temporaryTables.get(key) ?? this.tables.get(key)
  }

  table(name: QualifiedName, session: Session): Table {
    const found = this.findTable(name, session)
    if (found === undefined) throw tableMissing(displayName(name))
    return found
  }

  findStage(name: QualifiedName, session: Session): Stage | undefined {
    const key = keyOf(this.qualify(name, session))
    return session.temporaryStages.get(key) ?? this.stages.get(key)
  }
}

/** A name as messages write it: quoted where it would not survive unquoted. */
export const displayName = (name: QualifiedName) =>
  name.map((part) => (/^[A-Z_][A-Z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join('.')
