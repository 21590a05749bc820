import { EdsError, type ErrorCode } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { toPubsubError, toSetupError } from '../src/errors.js'

const topic = 'projects/p/topics/t'
const status = (code: number | string, details = 'no luck') =>
  Object.assign(new Error(`${code} STATUS: ${details}`), { code, details })

const codes: readonly (readonly [status: number | string, writing: ErrorCode, connecting: ErrorCode])[] = [
  [1, 'connection', 'connection'],
  [2, 'unknown', 'unknown'],
  [3, 'record', 'configuration'],
  [4, 'timeout', 'timeout'],
  [5, 'configuration', 'configuration'],
  [6, 'connection', 'connection'],
  [7, 'authentication', 'authentication'],
  [8, 'throttled', 'throttled'],
  [9, 'configuration', 'configuration'],
  [10, 'connection', 'connection'],
  [11, 'record', 'configuration'],
  [12, 'unsupported', 'unsupported'],
  [13, 'connection', 'connection'],
  [14, 'connection', 'connection'],
  [15, 'connection', 'connection'],
  [16, 'authentication', 'authentication'],
  [99, 'unknown', 'unknown'],
  ['ECONNREFUSED', 'connection', 'connection'],
  ['ENOTFOUND', 'connection', 'connection'],
  ['EAI_AGAIN', 'connection', 'connection'],
  ['ENOENT', 'unknown', 'configuration'],
]

const messages: readonly (readonly [message: string, connecting: ErrorCode])[] = [
  ['Could not load the default credentials. Browse to …', 'configuration'],
  ['The file at /etc/key.json does not exist, or it is not a file. ENOENT: no such file or directory', 'configuration'],
  ['Unexpected token } in JSON at position 7', 'configuration'],
  ['The incoming JSON object does not contain a client_email field', 'configuration'],
  ['request to https://oauth2.googleapis.com/token failed, reason: connect ECONNREFUSED', 'connection'],
  ['something else', 'unknown'],
]

describe('errors', () => {
  it.each(codes)('status %s is %s while writing, %s while connecting', (code, writing, connecting) => {
    expect(toPubsubError(status(code), topic).code).toBe(writing)
    expect(toSetupError(status(code), topic).code).toBe(connecting)
  })

  it.each(messages)('"%s" is %s', (message, expected) => {
    expect(toSetupError(new Error(message), topic).code).toBe(expected)
  })

  it.each([
    ['Getting metadata from plugin failed with error: connect ECONNREFUSED 1.2.3.4:443', 'connection'],
    ['Getting metadata from plugin failed with error: invalid_grant', 'authentication'],
  ] as const)('%s is %s', (details, expected) => {
    expect(toPubsubError(status(2, details), topic).code).toBe(expected)
  })

  it('says what, where and what to do', () => {
    const error = status(5, 'Topic not found')
    expect(toPubsubError(error, topic)).toMatchObject({
      message: 'Pub/Sub: Topic not found (NOT_FOUND, projects/p/topics/t)',
      fix: expect.stringContaining('create=true'),
      cause: error,
    })
    expect(toSetupError(new Error('Could not load the default credentials.'), topic).fix).toContain('?credentials=')
  })

  it.each(codes)('status %s has a word on what to do when waiting does not help', (code) => {
    const { retryable, fix } = toSetupError(status(code), topic)
    expect(retryable || fix !== undefined).toBe(true)
  })

  it('leaves errors of the contract alone, and takes anything', () => {
    const known = new EdsError('record', 'known')
    expect(toPubsubError(known, topic)).toBe(known)
    expect(toPubsubError('text', topic).message).toContain('text')
    expect(toPubsubError(undefined, topic).code).toBe('unknown')
  })
})
