import { describe, expect, test } from 'vitest'
import { endpointOf } from '../src/endpoint.js'
import { classifyKafkaAnswer } from '../src/kafka.js'
import { classifyMariadbAnswer } from '../src/mariadb.js'
import { classifyNatsAnswer, isNewEnough } from '../src/nats.js'
import { classifyPostgresAnswer } from '../src/postgres.js'
import { classifyPubsubStatus } from '../src/pubsub-probe.js'
import { classifyRedisAnswer } from '../src/redis.js'
import { classifyS3Answer } from '../src/s3.js'

const postgresError = (code: string) =>
  Buffer.from(`E\0\0\0\x40SFATAL\0VFATAL\0C${code}\0Mwhatever it says\0\0`, 'latin1')
const greeting = (version: string) => Buffer.from(`\x40\0\0\0\x0a${version}\0\x01\0\0\0salt`, 'latin1')
const info = (fields: object) => `INFO ${JSON.stringify(fields)} \r\n`
const notPostgres = { state: 'unsuitable', reason: 'what answers is not PostgreSQL' }
const notMariadb = { state: 'unsuitable', reason: 'what answers is not MariaDB' }
const notNats = { state: 'unsuitable', reason: 'what answers is not NATS' }

describe('PostgreSQL', () => {
  test.each([
    ['a request for a password', Buffer.from('R\0\0\0\x08\0\0\0\x03', 'latin1'), { state: 'ready' }],
    ['an unknown user', postgresError('28000'), { state: 'ready' }],
    ['an unknown database', postgresError('3D000'), { state: 'ready' }],
    ['starting up', postgresError('57P03'), { state: 'starting' }],
    [
      'too many connections',
      postgresError('53300'),
      { state: 'unsuitable', reason: 'PostgreSQL answers, but takes no connections' },
    ],
    ['silence', Buffer.alloc(0), notPostgres],
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), notPostgres],
  ])('%s', (_title, bytes, result) => {
    expect(classifyPostgresAnswer(bytes)).toEqual(result)
  })
})

describe('MariaDB', () => {
  test.each([
    ['a greeting', greeting('10.11.19-MariaDB-0+deb12u1-log'), { state: 'ready', version: '10.11.19' }],
    [
      'a greeting with the prefix for old replicas',
      greeting('5.5.5-10.6.4-MariaDB'),
      { state: 'ready', version: '10.6.4' },
    ],
    ['MySQL', greeting('8.4.2'), { state: 'unsuitable', reason: 'what answers is MySQL 8.4.2, not MariaDB' }],
    ['silence', Buffer.alloc(0), notMariadb],
    ['NATS', Buffer.from(info({ version: '2.11.0' })), notMariadb],
  ])('%s', (_title, bytes, result) => {
    expect(classifyMariadbAnswer(bytes)).toEqual(result)
  })
})

describe('Kafka', () => {
  const answer = (correlation: number, error: number) => {
    const bytes = Buffer.alloc(14)
    bytes.writeInt32BE(10, 0)
    bytes.writeInt32BE(correlation, 4)
    bytes.writeInt16BE(error, 8)
    return bytes
  }
  const notKafka = { state: 'unsuitable', reason: 'what answers is not Kafka' }
  test.each([
    ['its versions', answer(0x656473, 0), { state: 'ready' }],
    ['an error', answer(0x656473, 35), notKafka],
    ['the answer to another question', answer(1, 0), notKafka],
    ['silence', Buffer.alloc(0), notKafka],
    ['NATS', Buffer.from(info({ version: '2.11.0' })), notKafka],
  ])('%s', (_title, bytes, result) => {
    expect(classifyKafkaAnswer(bytes)).toEqual(result)
  })
})

describe('NATS', () => {
  test.each([
    ['JetStream', info({ version: '2.15.2', jetstream: true }), { state: 'ready', version: '2.15.2' }],
    [
      'too old',
      info({ version: '2.9.10', jetstream: true }),
      { state: 'unsuitable', reason: 'NATS 2.9.10 answers; 2.10 or newer is needed' },
    ],
    [
      'no JetStream',
      info({ version: '2.15.2' }),
      { state: 'unsuitable', reason: 'NATS answers, but without JetStream (start it with -js)' },
    ],
    ['half a line', 'INFO {"version":', notNats],
    ['silence', '', notNats],
  ])('%s', (_title, line, result) => {
    expect(classifyNatsAnswer(line)).toEqual(result)
  })

  test.each([
    ['2.9.10', false],
    ['2.10.0', true],
    ['2.15', true],
    ['3.0', true],
    ['1.99', false],
    ['', false],
  ])('version %s new enough: %s', (version, result) => {
    expect(isNewEnough(version)).toBe(result)
  })
})

describe('S3', () => {
  const refusal = (code: string) => `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>…</Message></Error>`
  test.each([
    ['no signature', refusal('AccessDenied'), { state: 'ready' }],
    ['no such bucket', refusal('NoSuchBucket'), { state: 'ready' }],
    ['starting up', refusal('XMinioServerNotInitialized'), { state: 'starting' }],
    ['another web server', '<html>', { state: 'unsuitable', reason: 'what answers is not S3' }],
    ['silence', '', { state: 'unsuitable', reason: 'what answers is not S3' }],
  ])('%s', (_title, body, result) => {
    expect(classifyS3Answer(body)).toEqual(result)
  })
})

describe('addresses in URLs', () => {
  test.each([
    ['postgres://u:p@db.example:1/x', { host: 'db.example', port: 1 }],
    ['postgres://db.example', { host: 'db.example', port: 5432 }],
    ['postgres://[::1]:7/x', { host: '::1', port: 7 }],
  ])('%s', (url, endpoint) => {
    expect(endpointOf(url, ['postgres'], 5432)).toEqual(endpoint)
  })

  test.each(['mysql://u:secret@h', 'secret'])('%s is refused without being repeated', (url) => {
    const attempt = () => endpointOf(url, ['postgres', 'postgresql'], 5432)
    expect(attempt).toThrow('not a URL of the form postgres://host:port or postgresql://host:port')
  })
})

describe('Pub/Sub', () => {
  test.each([
    ['an answer', 0, { state: 'ready' }],
    ['a refusal for want of credentials', 16, { state: 'ready' }],
    ['a server that does not take calls yet', 14, { state: 'starting' }],
    ['another gRPC service', 12, { state: 'unsuitable', reason: 'what answers is not Pub/Sub' }],
  ])('%s', (_title, status, result) => {
    expect(classifyPubsubStatus(status)).toEqual(result)
  })
})

describe('Redis', () => {
  test.each([
    ['an answer', '+PONG\r\n', { state: 'ready' }],
    ['a request for a password', '-NOAUTH Authentication required.\r\n', { state: 'ready' }],
    ['loading its data', '-LOADING Redis is loading the dataset in memory\r\n', { state: 'starting' }],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n', { state: 'unsuitable', reason: 'what answers is not Redis' }],
    ['silence', '', { state: 'unsuitable', reason: 'what answers is not Redis' }],
  ])('%s', (_title, line, result) => {
    expect(classifyRedisAnswer(line)).toEqual(result)
  })
})
