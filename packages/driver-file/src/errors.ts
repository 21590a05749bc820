import { EdsError, type ErrorCode, isEdsError } from '@eds/core'

const codes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'connection',
  EDQUOT: 'connection',
  EFBIG: 'connection',
  EIO: 'connection',
  EROFS: 'connection',
  EMFILE: 'connection',
  ENFILE: 'connection',
  ENOMEM: 'connection',
  EAGAIN: 'connection',
  EBUSY: 'connection',
  EINTR: 'connection',
  ENOENT: 'connection',
  ENODEV: 'connection',
  ENXIO: 'connection',
  ESTALE: 'connection',
  ENOTCONN: 'connection',
  EHOSTDOWN: 'connection',
  EHOSTUNREACH: 'connection',
  ETIMEDOUT: 'timeout',
  EACCES: 'authentication',
  EPERM: 'authentication',
  ELOOP: 'configuration',
  ENOTDIR: 'configuration',
  EISDIR: 'configuration',
  EEXIST: 'configuration',
  EXDEV: 'configuration',
  ENAMETOOLONG: 'record',
}

const fixes: Readonly<Record<string, string>> = {
  ENOSPC: 'make room on the disk; delivery goes on by itself',
  EDQUOT: 'raise the quota or delete files; delivery goes on by itself',
  EROFS: 'make the disk writable; delivery goes on by itself',
  EMFILE: 'allow the process more open files (ulimit -n)',
  EACCES: 'give the user that runs this program the right to write there',
  EPERM: 'give the user that runs this program the right to write there',
  ELOOP: 'symbolic links within the directory are not followed: replace it by a folder',
  ENOTDIR: 'move away what is there, or name another directory',
  EISDIR: 'move away what is there, or name another directory',
  EEXIST: 'move away what is there, or name another directory',
}

/** Whatever the file system threw about `path`, with a code that says what to do about it. */
export function fileError(error: unknown, path: string): EdsError {
  if (isEdsError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  const name = nameOf(error)
  const fix = fixes[name]
  const where = message.includes(path) ? message : `${path}: ${message}`
  return new EdsError(codes[name] ?? 'unknown', where, { cause: error, ...(fix === undefined ? {} : { fix }) })
}

/** What a caller gets whose signal aborted, or whose driver was closed meanwhile. */
export function abortedError(): EdsError {
  return new EdsError('connection', 'the write was given up before it was finished')
}

export function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
