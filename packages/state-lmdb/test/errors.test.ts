import { EdsError } from '@eds/core'
import { expect, it } from 'vitest'
import { stateError } from '../src/errors.js'

const table = [
  ['EACCES', 'authentication'],
  ['EPERM', 'authentication'],
  ['ENOSPC', 'connection'],
  ['EROFS', 'connection'],
  ['EIO', 'connection'],
  ['ENOTDIR', 'configuration'],
  ['EEXIST', 'configuration'],
  [13, 'authentication'],
  [28, 'connection'],
  [5, 'connection'],
  [30, 'connection'],
  [-30796, 'configuration'],
  [-30793, 'configuration'],
  ['ESOMETHING', 'unknown'],
  [undefined, 'unknown'],
] as const

it.each(table)('code %s is %s', (code, expected) => {
  const error = stateError(Object.assign(new Error('reason'), { code }), '/data/state')
  expect(error.code).toBe(expected)
  expect(error.message).toBe('state store in /data/state: reason')
})

it('lets errors that have a code already pass', () => {
  const error = new EdsError('configuration', 'reason')
  expect(stateError(error, '/data/state')).toBe(error)
})
