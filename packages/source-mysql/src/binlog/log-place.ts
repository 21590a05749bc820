import { padSequence } from '@eds/core'
import { foreignPosition } from '../place.js'

/** A change's place in the binary log. */
export interface LogPlace {
  /** The number at the end of the file's name. */
  readonly file: number
  /** Where the change's transaction begins in the file. */
  readonly offset: number
  /** Which change of its transaction it is, from 1; 0: everything before the transaction. */
  readonly row: number
  /** The transaction's global id; empty where it does not matter. */
  readonly gtid: string
}

/** `0000000003_0000000000000342_0000000000000001_0.1.13217`: the place that names the change, and the id that proves the log is the same. */
export function logBase({ file, offset, row, gtid }: LogPlace): string {
  return `${String(file).padStart(10, '0')}_${padSequence(offset)}_${padSequence(row)}_${gtid}`
}

/** @throws EdsError `gap` for what is no such text. */
export function readLogBase(base: string): LogPlace {
  const match = /^(\d{10})_(\d{16})_(\d{16})_([0-9a-z.]*)$/.exec(base)
  if (match === null) throw foreignPosition(base, 'binlog')
  const [, file, offset, row, gtid = ''] = match
  return { file: Number(file), offset: Number(offset), row: Number(row), gtid }
}

/** Rises with every change. 0 is for the rows of a snapshot in front of the transaction. */
export function logMvcc({ file, offset, row }: LogPlace): string {
  return `${file}${String(offset).padStart(13, '0')}.${String(row).padStart(10, '0')}`
}

/** `binlog.000003` → 3. */
export function fileNumber(name: string): number {
  return Number(/(\d+)$/.exec(name)?.[1] ?? 0)
}
