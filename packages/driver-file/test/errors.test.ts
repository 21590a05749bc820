import { EdsError } from '@eds/core'
import { expect, it } from 'vitest'
import { fileError } from '../src/errors.js'

it.each([
  ['ENOSPC', 'connection'],
  ['EDQUOT', 'connection'],
  ['EIO', 'connection'],
  ['EROFS', 'connection'],
  ['EMFILE', 'connection'],
  ['ENOENT', 'connection'],
  ['ESTALE', 'connection'],
  ['ETIMEDOUT', 'timeout'],
  ['EACCES', 'authentication'],
  ['EPERM', 'authentication'],
  ['ELOOP', 'configuration'],
  ['ENOTDIR', 'configuration'],
  ['EISDIR', 'configuration'],
  ['EEXIST', 'configuration'],
  ['ENAMETOOLONG', 'record'],
  ['EWHATEVER', 'unknown'],
  [undefined, 'unknown'],
] as const)('%s is %s', (code, expected) => {
  const error = fileError(Object.assign(new Error('reason'), { code }), '/data/order/1-row.json')
  expect(error.code).toBe(expected)
  expect(error.message).toBe('/data/order/1-row.json: reason')
})

it('names the path once', () => {
  expect(fileError(new Error("ENOENT: open '/data/x'"), '/data/x').message).toBe("ENOENT: open '/data/x'")
})

it('lets errors that have a code already pass', () => {
  const error = new EdsError('record', 'reason', { index: 3 })
  expect(fileError(error, '/data')).toBe(error)
})
