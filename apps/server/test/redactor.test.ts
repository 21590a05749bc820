import { describe, expect, it } from 'vitest'
import { Redactor } from '../src/redactor.js'

describe('Redactor', () => {
  it('masks what looks like a secret and what it was told', () => {
    const redactor = new Redactor()
    expect(redactor.mask('at postgres://eds:s3cret@db/shop')).toBe('at postgres://eds:***@db/shop')
    expect(redactor.mask('the word is zebra')).toBe('the word is zebra')
    redactor.add(['zebra'])
    redactor.add(['okapi'])
    expect(redactor.mask('the words are zebra and okapi')).toBe('the words are *** and ***')
  })

  it('masks texts at any depth of a value, and keeps its shape', () => {
    const redactor = new Redactor()
    redactor.add(['zebra'])
    const error = Object.assign(new TypeError('zebra is wrong'), { code: 'EBAD' })
    expect(redactor.maskValue({ list: ['a zebra', 1, null], deep: { error } })).toEqual({
      list: ['a ***', 1, null],
      deep: { error: { type: 'TypeError', message: '*** is wrong', code: 'EBAD' } },
    })
  })
})
