import { type DriverDefinition, defineDriver, formatUrl, secret } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerForm, describeDrivers } from '../src/index.js'

const config = z.strictObject({
  host: z.string().describe('Host.'),
  port: z.coerce.number().default(99).describe('Port.'),
  password: secret(z.string().min(4)).optional().describe('Password.'),
})

const example: DriverDefinition<z.output<typeof config>> = defineDriver({
  apiVersion: 1,
  name: 'example',
  title: 'Example',
  description: 'For tests.',
  exampleUrl: 'example://host',
  schemes: ['example', 'sample'],
  config,
  parse: () => ({ host: 'host' }),
  format: ({ host, port, password = '' }) =>
    formatUrl({ scheme: 'example', user: 'u', password, hosts: [{ host, port }], path: '', query: {} }),
  traits: () => ({
    maxBatchEvents: 1,
    maxBatchBytes: 1,
    maxInFlight: 1,
    lingerMs: 0,
    ordering: 'key' as const,
    redelivery: 'idempotent' as const,
    compaction: false,
    batches: 'free' as const,
    start: 'resume' as const,
  }),
  create: () => ({ connect: async () => {}, write: async () => ({}), close: async () => {} }),
})
const live = {
  ...example,
  schemes: ['live'],
  traits: () => ({ ...example.traits({ host: '', port: 1 }), start: 'now' as const }),
}
const definitions = [example, live] as unknown as DriverDefinition[]

describe('describeDrivers', () => {
  it('gives HQ metadata and fields by scheme', () => {
    const drivers = describeDrivers(definitions, (definition) => definition.schemes.includes('example'))
    expect(drivers.example).toEqual({
      metadata: {
        scheme: 'example',
        name: 'Example',
        description: 'For tests.',
        exampleURL: 'example://host',
        help: '',
        supportsImport: true,
        supportsMigration: true,
      },
      fields: [
        { name: 'Host', type: 'string', description: 'Host.', required: true },
        { name: 'Port', type: 'number', default: 99, description: 'Port.', required: false },
        { name: 'Password', type: 'string', format: 'password', description: 'Password.', required: false },
      ],
    })
    expect(drivers.live?.metadata).toMatchObject({ supportsImport: false, supportsMigration: false })
  })
})

describe('answerForm', () => {
  it.each(['example', 'sample'])('makes a URL for %s', (driver) => {
    const values = { Host: 'h', Port: '5', Password: 'p@ss' }
    expect(answerForm(definitions, driver, values)).toEqual({ url: 'example://u:p%40ss@h:5' })
  })

  it('names the fields that are wrong, without their values', () => {
    expect(answerForm(definitions, 'example', { Port: 'abc', Password: 'xyz' })).toEqual({
      message: 'Host: is required; Port: must be a number',
      fieldErrors: [
        { field: 'Host', error: 'is required' },
        { field: 'Port', error: 'must be a number' },
      ],
    })
  })

  it('names the drivers there are', () => {
    expect(answerForm(definitions, 'other', {})).toEqual({
      message: 'there is no driver "other"; there are example, live',
      fieldErrors: [],
    })
  })
})
