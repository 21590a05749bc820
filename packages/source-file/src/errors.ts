import { EdsError, type ErrorCode, isEdsError } from '@eds/core'

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'configuration',
  ENOTDIR: 'configuration',
  EISDIR: 'configuration',
  ELOOP: 'configuration',
  ENAMETOOLONG: 'configuration',
  EACCES: 'authentication',
  EPERM: 'authentication',
  EIO: 'connection',
  EMFILE: 'connection',
  ENFILE: 'connection',
  ENOMEM: 'connection',
  ESTALE: 'connection',
  ENODEV: 'connection',
  ETIMEDOUT: 'timeout',
  // From zlib: the file ends in the middle, or holds something else. What comes next cannot be had.
  Z_BUF_ERROR: 'gap',
  Z_DATA_ERROR: 'gap',
}

const fixes: Readonly<Record<string, string>> = {
  ENOENT: 'check the path',
  EACCES: 'give the user that runs this program the right to read it',
  Z_BUF_ERROR: 'the file was cut off: copy it again',
  Z_DATA_ERROR: 'the file is damaged: copy it again',
}

/** Whatever the file system or zlib threw about `path`, with a code that says what to do about it. */
export function fileError(error: unknown, path: string): EdsError {
  if (isEdsError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  const name = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const fix = fixes[name]
  const text = message.includes(path) ? message : `cannot read ${path}: ${message}`
  return new EdsError(codes[name] ?? 'unknown', text, { cause: error, ...(fix === undefined ? {} : { fix }) })
}

/** The file holds less than it did, or something else where a line ended. */
export function changedFile(path: string, offset: number, what: string): EdsError {
  const fix = 'put the file back as it was, or begin anew with another cursor'
  return new EdsError('gap', `${path} was read up to byte ${offset}, but ${what}`, { fix })
}
