import { EdsError } from '@eds/core'
import type { Client } from 'pg'
import { eventTableName, makeShape, type ShapeColumn, type TableShape } from '../event/table-shape.js'
import { kindOf, type ValueType } from '../event/value-type.js'
import { tablesQuery, typesQuery } from './catalog-queries.js'

/** A table as it is now. */
export interface CatalogTable {
  readonly oid: number
  readonly shape: TableShape
  readonly isPartitioned: boolean
  /** `d`, `n`, `f` or `i`: see `relreplident` in the manual. */
  readonly identity: string
}

interface RawColumn {
  readonly name: string
  readonly type: number
  readonly nullable: boolean
}

interface TypeRow {
  readonly oid: string
  readonly name: string
  readonly element: string | null
  readonly delimiter: string | null
}

const text: ValueType = { kind: 'text' }

/** The database's catalog, as it was when it was read. */
export class Catalog {
  readonly #types: ReadonlyMap<number, ValueType>
  /** Captured tables by number. */
  readonly tables: ReadonlyMap<number, CatalogTable>
  /** Names of tables that were asked for and cannot be captured, with the reason. */
  readonly refused: ReadonlyMap<string, string>

  private constructor(
    types: ReadonlyMap<number, ValueType>,
    tables: ReadonlyMap<number, CatalogTable>,
    refused: ReadonlyMap<string, string>,
  ) {
    this.#types = types
    this.tables = tables
    this.refused = refused
  }

  /** @param wanted - names as events have them; absent: all of `public`. */
  static async read(client: Client, wanted: readonly string[] | undefined): Promise<Catalog> {
    const types = new Map<number, ValueType>()
    for (const row of (await client.query<TypeRow>(typesQuery)).rows) types.set(Number(row.oid), valueTypeOf(row))
    const tables = new Map<number, CatalogTable>()
    const refused = new Map((wanted ?? []).map((name) => [name, 'there is no such table']))
    for (const row of (await client.query<Record<string, string>>(tablesQuery)).rows) {
      const { schema = '', name = '', oid, kind, identity = 'd' } = row
      const eventName = eventTableName(schema, name)
      if (wanted ? !wanted.includes(eventName) : schema !== 'public') continue
      const keys = JSON.parse(row.keys ?? '[]') as string[]
      if (keys.length === 0) refused.set(eventName, 'it has no primary key')
      else {
        refused.delete(eventName)
        const columns = (JSON.parse(row.columns ?? '[]') as RawColumn[]).map(
          (column): ShapeColumn => ({
            name: column.name,
            type: types.get(column.type) ?? text,
            nullable: column.nullable,
          }),
        )
        const shape = makeShape(schema, name, columns, keys)
        tables.set(Number(oid), { oid: Number(oid), shape, isPartitioned: kind === 'p', identity })
      }
    }
    return new Catalog(types, tables, refused)
  }

  /** A table as it was when a change was made: names and types of then, keys and what may be null of now. */
  shapeOf(oid: number, names: readonly (string | null)[], typeOids: readonly number[]): TableShape | undefined {
    const table = this.tables.get(oid)
    if (!table) return undefined
    const { schema, name, columns, definition } = table.shape
    const known = new Map(columns.map((column) => [column.name, column]))
    const then = names.flatMap((column, at): ShapeColumn[] =>
      column === null
        ? []
        : [
            {
              name: column,
              type: this.#types.get(typeOids[at] ?? 0) ?? text,
              nullable: known.get(column)?.nullable ?? true,
            },
          ],
    )
    return makeShape(schema, name, then, definition.primaryKeys)
  }

  /** @throws EdsError `configuration` when nothing can be captured, naming the reasons. */
  demandTables(): void {
    if (this.tables.size > 0) return
    const reasons = [...this.refused].map(([name, reason]) => `"${name}": ${reason}`).join('; ')
    throw new EdsError('configuration', `PostgreSQL source: no table can be captured${reasons && `: ${reasons}`}`, {
      fix: 'create the tables, give them a primary key, or correct the option `tables`',
    })
  }
}

function valueTypeOf({ name, element, delimiter }: TypeRow): ValueType {
  if (element === null) return { kind: kindOf(name) }
  return { kind: kindOf(element), delimiter: delimiter ?? ',' }
}
