import { EdsError, type ErrorCode } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { toStoreError } from '../src/errors.js'
import { StoreError } from '../src/store.js'

const thrown: readonly (readonly [unknown, ErrorCode])[] = [
  [new StoreError('unreachable', 'down'), 'connection'],
  [new StoreError('denied', 'no'), 'authentication'],
  [new Error('whatever'), 'unknown'],
  ['text', 'unknown'],
]

describe('errors', () => {
  it.each(thrown)('%o is %s', (error, code) => {
    expect(toStoreError(error, 'here').code).toBe(code)
  })

  it('says what, where and what to do, and leaves errors of the contract alone', () => {
    const error = toStoreError(new StoreError('denied', 'wrong password'), 'Shop')
    expect(error).toMatchObject({ message: 'Shop: wrong password', fix: 'put the right password into the URL' })
    const known = new EdsError('record', 'known')
    expect(toStoreError(known, 'here')).toBe(known)
  })
})
