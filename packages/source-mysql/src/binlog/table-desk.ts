import { EdsError } from '@eds/core'
import type { CapturedTable } from '../column.js'
import { RowWriter } from '../row-writer.js'
import { type FieldReader, fieldReader } from './field-reader.js'
import type { TableMap } from './table-map.js'

/** How to read the row events of a table, and write them. */
export interface TableReading {
  readonly writer: RowWriter
  readonly fields: readonly FieldReader[]
}

export interface TableDeskParts {
  /** The catalog as it is now: tables that are captured, by name. */
  readonly catalog: () => Promise<ReadonlyMap<string, CapturedTable>>
  readonly learn: (table: CapturedTable) => void
  readonly warn: (fields: object, message: string) => void
}

/**
 * Finds the columns that a table had when its rows were written. The log names them only with `binlog_row_metadata=FULL`; it always
 * holds their types. So the versions that the catalog has had while we were reading are tried, the newest first, and one that
 * does not fit is never used.
 */
export class TableDesk {
  readonly #parts: TableDeskParts
  /** Versions by table, the newest first. */
  readonly #versions = new Map<string, CapturedTable[]>()
  readonly #open = new Map<number, { readonly signature: string; readonly reading: TableReading | undefined }>()
  readonly #missing = new Set<string>()

  constructor(parts: TableDeskParts) {
    this.#parts = parts
  }

  /** Looks at the catalog: at the beginning, and when a statement has changed a table. */
  async refresh(): Promise<void> {
    for (const table of (await this.#parts.catalog()).values()) {
      const versions = this.#versions.get(table.name) ?? []
      if (versions[0]?.modelVersion === table.modelVersion) continue
      this.#versions.set(table.name, [table, ...versions])
      this.#parts.learn(table)
    }
    this.#open.clear()
  }

  /** The reading for the row events behind this map; undefined when the table is not captured. */
  async open(map: TableMap): Promise<void> {
    if (this.#open.get(map.id)?.signature === map.signature) return
    let reading = this.#find(map)
    if (reading === undefined) {
      await this.refresh()
      reading = this.#find(map)
    }
    if (reading === undefined) this.#demandUnknown(map)
    this.#open.set(map.id, { signature: map.signature, reading })
  }

  reading(tableId: number): TableReading | undefined {
    return this.#open.get(tableId)?.reading
  }

  #find(map: TableMap): TableReading | undefined {
    for (const table of this.#versions.get(map.table) ?? []) {
      const fields = fieldsOf(map, table)
      if (fields !== undefined) return { writer: new RowWriter(table), fields }
    }
    return undefined
  }

  /** @throws EdsError `unsupported` when the table is known, but not as it was then. */
  #demandUnknown({ database, table }: TableMap): void {
    if (!this.#versions.has(table)) {
      if (!this.#missing.has(table))
        this.#parts.warn(
          { table },
          'changes of a table that is not there any more, or has no primary key, are left out',
        )
      this.#missing.add(table)
      return
    }
    throw new EdsError(
      'unsupported',
      `the binary log holds changes of "${database}.${table}" from before its columns were changed`,
      {
        fix: 'forget the cursor and start anew with a snapshot; to keep reading over such changes, let EDS run while they are made',
      },
    )
  }
}

/** Readers of the columns, if the table had these columns. */
function fieldsOf({ fields, names }: TableMap, { columns }: CapturedTable): FieldReader[] | undefined {
  if (fields.length !== columns.length) return undefined
  if (names !== undefined && !columns.every(({ name }, index) => names[index] === name)) return undefined
  const readers: FieldReader[] = []
  for (const [index, column] of columns.entries()) {
    const field = fields[index]
    const reader = field && fieldReader(field, column)
    if (reader === undefined) return undefined
    readers.push(reader)
  }
  return readers
}
