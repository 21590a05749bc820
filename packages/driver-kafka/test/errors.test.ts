import { EdsError } from '@eds/core'
import { expect, it } from 'vitest'
import { toKafkaError } from '../src/errors.js'

const protocol = (type: string) => Object.assign(new Error('reason'), { name: 'KafkaJSProtocolError', type, code: 7 })
const named = (name: string, more: object = {}) => Object.assign(new Error('reason'), { name, ...more })
const wrapped = (cause: Error) =>
  Object.assign(new Error(cause.message, { cause }), { name: 'KafkaJSNumberOfRetriesExceeded' })

it.each([
  ['MESSAGE_TOO_LARGE', 'record'],
  ['RECORD_LIST_TOO_LARGE', 'record'],
  ['INVALID_RECORD', 'record'],
  ['INVALID_TOPIC_EXCEPTION', 'record'],
  ['SASL_AUTHENTICATION_FAILED', 'authentication'],
  ['TOPIC_AUTHORIZATION_FAILED', 'authentication'],
  ['CLUSTER_AUTHORIZATION_FAILED', 'authentication'],
  ['UNSUPPORTED_SASL_MECHANISM', 'configuration'],
  ['UNSUPPORTED_COMPRESSION_TYPE', 'configuration'],
  ['POLICY_VIOLATION', 'configuration'],
  ['UNSUPPORTED_VERSION', 'unsupported'],
  ['REQUEST_TIMED_OUT', 'timeout'],
  ['UNKNOWN_TOPIC_OR_PARTITION', 'connection'],
  ['NOT_LEADER_FOR_PARTITION', 'connection'],
  ['LEADER_NOT_AVAILABLE', 'connection'],
  ['NOT_ENOUGH_REPLICAS', 'connection'],
  ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'connection'],
  ['GROUP_LOAD_IN_PROGRESS', 'connection'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'connection'],
  ['UNKNOWN_PRODUCER_ID', 'connection'],
  ['KAFKA_STORAGE_ERROR', 'connection'],
  ['KAFKAJS_UNKNOWN_ERROR_CODE', 'unknown'],
] as const)('%s is %s, also when the client gave up on it', (type, code) => {
  expect(toKafkaError(protocol(type)).code).toBe(code)
  expect(toKafkaError(wrapped(protocol(type))).code).toBe(code)
})

it.each([
  [named('KafkaJSSASLAuthenticationError'), 'authentication'],
  [named('KafkaJSRequestTimeoutError'), 'timeout'],
  [named('KafkaJSConnectionError', { code: 'ECONNREFUSED' }), 'connection'],
  [named('KafkaJSConnectionError', { code: 'ENOTFOUND' }), 'connection'],
  [named('KafkaJSConnectionError', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }), 'configuration'],
  [named('KafkaJSConnectionError', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }), 'configuration'],
  [named('KafkaJSConnectionClosedError'), 'connection'],
  [named('KafkaJSBrokerNotFound'), 'connection'],
  [named('KafkaJSServerDoesNotSupportApiKey'), 'unsupported'],
  [new TypeError('reason'), 'unknown'],
] as const)('%s is %s', (error, code) => {
  expect(toKafkaError(error).code).toBe(code)
})

it('says what the broker said, under the name that the protocol gives it', () => {
  expect(toKafkaError(wrapped(protocol('NOT_ENOUGH_REPLICAS'))).message).toBe('Kafka: reason (NOT_ENOUGH_REPLICAS)')
})

it('lets errors that have a code already pass, wrapped or not', () => {
  const error = new EdsError('authentication', 'no token')
  expect(toKafkaError(error)).toBe(error)
  expect(toKafkaError(wrapped(error))).toBe(error)
})
