import type { SqlType, Value } from '../engine/types.js'
import { ByteReader } from './byte-reader.js'
import { readColumnType } from './column-type.js'
import { readValue } from './read-value.js'

/** A parameter of a remote procedure call. */
export interface Parameter {
  readonly name: string
  readonly type: SqlType
  readonly value: Value
}

export interface ProcedureCall {
  /** Name, or number of a special procedure: 10 is sp_executesql. */
  readonly procedure: string | number
  readonly parameters: readonly Parameter[]
}

/** Skips ALL_HEADERS, which SQL batches, calls and transaction requests begin with. */
function behindHeaders(payload: Buffer): ByteReader {
  return new ByteReader(payload, payload.readUInt32LE(0))
}

/** The text of a SQL BATCH. */
export const readBatch = (payload: Buffer) => payload.subarray(payload.readUInt32LE(0)).toString('utf16le')

/** Reads an RPC REQUEST (MS-TDS 2.2.6.6). */
export function readCall(payload: Buffer): ProcedureCall {
  const reader = behindHeaders(payload)
  const length = reader.uint16()
  const procedure = length === 0xffff ? reader.uint16() : reader.text(length)
  reader.uint16()
  const parameters: Parameter[] = []
  while (!reader.atEnd) {
    const name = reader.shortText().toLowerCase()
    reader.uint8()
    const column = readColumnType(reader)
    parameters.push({ name, type: column.type, value: readValue(reader, column) })
  }
  return { procedure, parameters }
}

/** Requests of the transaction manager (MS-TDS 2.2.6.9). */
export const transactionRequest = { begin: 5, commit: 7, rollback: 8, save: 9 } as const

export const readTransactionRequest = (payload: Buffer) => behindHeaders(payload).uint16()
