import { EdsError } from '@eds/core'
import { expect, it } from 'vitest'
import { apiError, natsError } from '../src/errors.js'

const where = 'nats://localhost:4222'
const nats = (code: string, message = code, more: object = {}) => Object.assign(new Error(message), { code, ...more })

it.each([
  { error: nats('ECONNREFUSED'), code: 'connection' },
  {
    error: nats('ENOTFOUND', 'getaddrinfo ENOTFOUND nats.example'),
    code: 'connection',
    says: 'getaddrinfo ENOTFOUND nats.example',
  },
  { error: nats('TIMEOUT'), code: 'connection', says: 'NATS at nats://localhost:4222 did not answer in time' },
  { error: nats('CONNECTION_CLOSED'), code: 'connection' },
  { error: nats('AUTHENTICATION_TIMEOUT'), code: 'connection' },
  {
    error: nats('503'),
    code: 'connection',
    says: 'nothing answers JetStream requests at nats://localhost:4222',
    fix: 'nats-server -js',
  },
  { error: nats('AUTHORIZATION_VIOLATION'), code: 'authentication', says: 'refused the login' },
  { error: nats('AUTHENTICATION_EXPIRED'), code: 'authentication', fix: 'expired' },
  { error: nats('ACCOUNT_EXPIRED'), code: 'authentication' },
  { error: nats('BAD_CREDS'), code: 'authentication' },
  {
    error: nats('PERMISSIONS_VIOLATION', 'denied', {
      permissionContext: { operation: 'publish', subject: '$JS.API.INFO' },
    }),
    code: 'authentication',
    says: 'publish to "$JS.API.INFO"',
  },
  {
    error: nats('PERMISSIONS_VIOLATION', 'denied', {
      permissionContext: { operation: 'subscription', subject: '_INBOX.a.*' },
    }),
    code: 'authentication',
    says: 'subscribe to "_INBOX.a.*"',
  },
  { error: nats('INVALID_OPTION'), code: 'configuration' },
  { error: nats('SERVER_OPT_NA', 'tls'), code: 'configuration' },
  { error: nats('DEPTH_ZERO_SELF_SIGNED_CERT'), code: 'configuration', fix: 'certificate authority' },
  { error: nats('CERT_HAS_EXPIRED'), code: 'configuration' },
  { error: nats('MAX_PAYLOAD_EXCEEDED'), code: 'record' },
  { error: new Error('something new'), code: 'connection', says: 'something new' },
  { error: 'thrown text', code: 'connection', says: 'thrown text' },
  { error: undefined, code: 'connection' },
])('$error is $code', ({ error, code, says = '', fix = '' }) => {
  const result = natsError(error, where)
  expect(result.code).toBe(code)
  expect(result.message).toContain(says)
  expect(result.fix ?? '').toContain(fix)
})

it('leaves a typed error as it is', () => {
  const error = new EdsError('gap', 'gone')
  expect(natsError(error, where)).toBe(error)
})

const subject = { stream: 'dbchange', consumer: 'sink' }

it.each([
  { errorCode: 10059, code: 404, result: 'configuration', says: 'NATS has no stream "dbchange": there is none at all' },
  {
    errorCode: 10026,
    code: 400,
    result: 'configuration',
    says: 'allows no further consumer, so "sink" cannot be created; it has others',
  },
  { errorCode: 10076, code: 503, result: 'configuration', says: 'the reason' },
  { errorCode: 10039, code: 503, result: 'configuration', says: 'the reason' },
  { errorCode: 10093, code: 400, result: 'configuration', says: 'takes none of the subjects' },
  { errorCode: 10101, code: 400, result: 'unsupported', says: 'is a work queue' },
  { errorCode: 10148, code: 400, result: 'connection', says: 'at the same moment' },
  { errorCode: 10013, code: 400, result: 'connection', says: 'at the same moment' },
  { errorCode: 10008, code: 503, result: 'connection', says: 'the reason (10008)' },
  { errorCode: 10118, code: 500, result: 'connection', says: 'the reason' },
  { errorCode: 10138, code: 400, result: 'configuration', says: 'consumer "sink" of stream "dbchange": the reason' },
  { errorCode: 1, code: 403, result: 'authentication', says: 'the reason' },
  { errorCode: 1, code: 200, result: 'unknown', says: 'the reason' },
])('JetStream error $errorCode is $result', ({ errorCode, code, result, says }) => {
  const error = apiError({ errorCode, code, description: 'the reason' }, subject)
  expect(error.code).toBe(result)
  expect(error.message).toContain(says)
})

it('names what exists', () => {
  const failure = { errorCode: 10059, code: 404, description: '' }
  expect(apiError(failure, { stream: 'a', existing: ['b', 'c'] }).message).toBe('NATS has no stream "a": there is b, c')
})
