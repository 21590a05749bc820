import type { Session } from './session.js'
import { SqlError } from './sql-error.js'
import type { Table } from './table.js'

/** Checks that an INSERT gives values for the table's identity column where SET IDENTITY_INSERT is on, and only there. */
export function checkIdentityInsert(session: Session, table: Table, positions: readonly number[]): void {
  const position = table.columns.findIndex((column) => column.identity)
  if (position < 0) return
  const given = positions.includes(position)
  const on = session.identityInsert === table
  if (given && !on) {
    throw new SqlError(
      544,
      `Cannot insert explicit value for identity column in table '${table.name}' when IDENTITY_INSERT is set to OFF.`,
    )
  }
  if (on && !given) {
    throw new SqlError(
      545,
      `Explicit value must be specified for identity column in table '${table.name}' when IDENTITY_INSERT is set to ON.`,
    )
  }
}

export function checkIdentityUpdate(table: Table, position: number): void {
  const column = table.columns[position]
  if (column?.identity) {
    throw new SqlError(8102, `Cannot update identity column '${column.name}'.`, { reach: 'batch' })
  }
}

/** `SET IDENTITY_INSERT`: on for one table of the session at a time. */
export function setIdentityInsert(session: Session, table: Table, on: boolean): void {
  if (!table.columns.some((column) => column.identity)) {
    throw new SqlError(
      8106,
      `Table '${table.fullName}' does not have the identity property. Cannot perform SET operation.`,
    )
  }
  const other = session.identityInsert
  if (on && other && other !== table) {
    throw new SqlError(
      8107,
      `IDENTITY_INSERT is already ON for table '${other.fullName}'. Cannot perform SET operation for table '${table.fullName}'.`,
    )
  }
  if (on) session.identityInsert = table
  else if (other === table) session.identityInsert = undefined
}
