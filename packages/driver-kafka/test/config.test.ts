import { configFromForm, isEdsError } from '@eds/core'
import { expect, it } from 'vitest'
import { brokersOf, type KafkaConfig } from '../src/config.js'
import kafka from '../src/index.js'

const configOf = (url: string): KafkaConfig => kafka.config.parse(kafka.parse(url))

it.each([
  ['kafka://h/t', ['h:9092'], { topic: 't', tls: false, create: true, compression: 'none' }],
  ['kafka://h1:9093,h2/t', ['h1:9093', 'h2:9092'], { topic: 't' }],
  ['kafka://[::1]:9093/t', ['[::1]:9093'], {}],
  ['kafka://h/?topic=eds.{table}', ['h:9092'], { topic: 'eds.{table}' }],
  ['kafka://h/eds.{table}', ['h:9092'], { topic: 'eds.{table}' }],
  ['kafka://u:p@ss#w/d@h/t', ['h:9092'], { username: 'u', password: 'p@ss#w/d' }],
  ['kafka://u:p@h/t?sasl=scram-sha-512&tls=true', ['h:9092'], { sasl: 'scram-sha-512', tls: true }],
  ['kafka://h/t?create=false&tombstones=true&compression=gzip', ['h:9092'], { create: false, tombstones: true }],
])('%s', (url, brokers, expected) => {
  const config = configOf(url)
  expect(brokersOf(config)).toEqual(brokers)
  expect(config).toMatchObject(expected)
  expect(configOf(kafka.format(config))).toEqual(config)
})

it.each([
  'kafka://h/',
  'kafka://h/a/b',
  'kafka://h/t?topic=..',
  'kafka://h/t?compression=brotli',
  'kafka://h/t?sasl=plain',
  'kafka://u@h/t',
  'kafka://h/t?tlsCa=/ca.pem',
  'kafka://u:p@h/t?tokenUrl=https://login.example.com',
  'kafka://h/t?maxMessageBytes=0',
])('%s is refused', (url) => {
  expect(() => configOf(url.replace('/t?topic=', '/?topic='))).toThrow()
})

it('refuses options that there are not, naming those that there are', () => {
  const attempt = () => kafka.parse('kafka://u:s3cret@h/t?acks=0')
  expect(attempt).toThrow('no option "acks"')
  expect(attempt).toThrow(expect.toSatisfy((error) => isEdsError(error) && !String(error).includes('s3cret')))
})

it('takes the form of the web interface', () => {
  const values = { Hostname: 'h', Port: '9093', Topic: 't' }
  expect(configFromForm(kafka, values)).toMatchObject({ config: { hostname: 'h', port: 9093, topic: 't' } })
  expect(configFromForm(kafka, {})).toMatchObject({ fieldErrors: [{ field: 'Hostname' }, { field: 'Topic' }] })
})
