import { EdsError, type ErrorCode } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { answerFault, answersHead, toTransportError } from '../src/errors.js'

const answer = (status: number, text = '', retryAfter?: string) => ({ status, text, retryAfter })

const statuses: readonly (readonly [number, ErrorCode])[] = [
  [301, 'configuration'],
  [400, 'record'],
  [401, 'authentication'],
  [403, 'authentication'],
  [404, 'configuration'],
  [405, 'configuration'],
  [408, 'timeout'],
  [413, 'record'],
  [418, 'unknown'],
  [422, 'record'],
  [429, 'throttled'],
  [500, 'connection'],
  [503, 'connection'],
]

const thrown: readonly (readonly [object, ErrorCode])[] = [
  [{ code: 'ECONNREFUSED' }, 'connection'],
  [{ code: 'ENOTFOUND' }, 'connection'],
  [{ code: 'ABORT_ERR' }, 'connection'],
  [{ code: 'ABORT_ERR', cause: new DOMException('late', 'TimeoutError') }, 'timeout'],
  [{ code: 'CERT_HAS_EXPIRED' }, 'configuration'],
  [{ code: 'WHATEVER' }, 'unknown'],
  [{}, 'unknown'],
]

describe('errors', () => {
  it.each(statuses)('status %s is %s', (status, code) => {
    expect(answerFault(answer(status), 'here')?.code).toBe(code)
  })

  it('a batch is stored when the status says so', () => {
    expect(answerFault(answer(204), 'here')).toBeUndefined()
  })

  it('waits as long as the receiver asks, and shows no secret', () => {
    const fault = answerFault(answer(429, 'slow down, t0ken-4711', '7'), 'here', ['t0ken-4711'])
    expect(fault).toMatchObject({ retryAfterMs: 7_000, message: 'here answered 429: slow down, ***' })
    expect(answerFault(answer(429, '', 'tomorrow'), 'here')?.retryAfterMs).toBeUndefined()
  })

  it.each([400, 405, 501])('status %s to HEAD tells nothing about POST', (status) => {
    expect(answersHead(answer(status))).toBe(false)
    expect([200, 401, 404, 503].map((other) => answersHead(answer(other)))).toEqual([true, true, true, true])
  })

  it.each(thrown)('%o is %s', (fields, code) => {
    expect(toTransportError(Object.assign(new Error('broken'), fields), 'here').code).toBe(code)
  })

  it('leaves errors of the contract alone, and takes anything', () => {
    const known = new EdsError('record', 'known')
    expect(toTransportError(known, 'here')).toBe(known)
    expect(toTransportError('text', 'here').message).toBe('here: text')
  })
})
