import { constants } from 'node:os'
import { EdsError, type ErrorCode, isEdsError } from '@eds/core'

const codes: Readonly<Record<string, ErrorCode>> = {
  EACCES: 'authentication',
  EPERM: 'authentication',
  ENOSPC: 'connection',
  EDQUOT: 'connection',
  EIO: 'connection',
  EROFS: 'connection',
  EMFILE: 'connection',
  ENFILE: 'connection',
  ENOMEM: 'connection',
  EAGAIN: 'connection',
  ENOTDIR: 'configuration',
  EISDIR: 'configuration',
  EEXIST: 'configuration',
  MDB_CORRUPTED: 'configuration',
  MDB_VERSION_MISMATCH: 'configuration',
  MDB_INVALID: 'configuration',
}

/** LMDB throws numbers: the system's, and negative ones of its own (http://www.lmdb.tech/doc/group__errors.html). */
const names: ReadonlyMap<number, string> = new Map([
  ...Object.entries(constants.errno).map(([name, number]) => [number, name] as const),
  [-30796, 'MDB_CORRUPTED'],
  [-30794, 'MDB_VERSION_MISMATCH'],
  [-30793, 'MDB_INVALID'],
])

const fixes: Partial<Record<ErrorCode, string>> = {
  authentication: 'give the user that runs this program the right to read and write the folder',
  connection: 'make room on the disk, or check that it can be written to',
  configuration: 'name another folder, or move what is there away',
}

/** Whatever LMDB or the file system threw, with a code that says what to do about it. */
export function stateError(error: unknown, directory: string): EdsError {
  if (isEdsError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = codes[nameOf(error)] ?? 'unknown'
  const fix = fixes[code]
  const options = { cause: error, ...(fix === undefined ? {} : { fix }) }
  return new EdsError(code, `state store in ${directory}: ${message}`, options)
}

export function closedError(directory: string): EdsError {
  return new EdsError('configuration', `the state store in ${directory} is closed`)
}

function nameOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'number' ? (names.get(code) ?? '') : String(code)
}
