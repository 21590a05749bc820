import { describe, expect, it } from 'vitest'
import { configFromForm, describeOptions, formFields } from '../src/index.js'
import { exampleDriver } from './config-drivers.js'

const listed = {
  ...exampleDriver,
  form: [
    { name: 'Hostname', key: 'host', type: 'string', description: 'The host.', required: true },
    { name: 'Port', key: 'port', type: 'number', default: 1234, description: 'The port.', required: false },
    { name: 'Password', key: 'password', type: 'string', description: 'The password.', required: false },
  ],
} as const satisfies typeof exampleDriver

describe('formFields', () => {
  it('makes a field of every property', () => {
    expect(formFields(exampleDriver)).toEqual([
      { name: 'Host', key: 'host', type: 'string', description: 'Where the server is.', required: true },
      { name: 'Port', key: 'port', type: 'number', default: 5432, description: 'Its port.', required: false },
      { name: 'User', key: 'user', type: 'string', description: 'Who we are.', required: false },
      {
        name: 'Password',
        key: 'password',
        type: 'string',
        format: 'password',
        description: 'The password.',
        required: false,
      },
      {
        name: 'Delivery Mode',
        key: 'mode',
        type: 'string',
        default: 'safe',
        description: 'How to deliver.',
        required: false,
      },
      { name: 'Guard', key: 'guard', type: 'boolean', default: false, description: 'Never go back.', required: false },
      { name: 'Tags', key: 'tags', type: 'string', description: 'Labels.', required: false },
      {
        name: 'Access Key Id',
        key: 'accessKeyId',
        type: 'string',
        format: 'password',
        description: 'An id.',
        required: false,
      },
    ])
  })

  it('takes the fields that a driver lists, secrets as password fields', () => {
    expect(formFields(listed)).toEqual([listed.form[0], listed.form[1], { ...listed.form[2], format: 'password' }])
  })
})

describe('configFromForm', () => {
  it('gives the configuration, with texts converted and defaults filled in', () => {
    expect(configFromForm(listed, { Hostname: 'h', Port: '5433', Password: 'abcd', Other: 1 })).toEqual({
      config: {
        host: 'h',
        port: 5433,
        password: 'abcd',
        mode: 'safe',
        guard: false,
        tags: [],
        accessKeyId: 'hidden-default',
      },
    })
    expect(configFromForm(listed, { Hostname: 'h', Port: '', Password: null })).toMatchObject({
      config: { port: 1234 },
    })
  })

  it('reads what formFields made', () => {
    const values = { Host: 'h', Guard: true, 'Delivery Mode': 'fast' }
    expect(configFromForm(exampleDriver, values)).toMatchObject({ config: { guard: true, mode: 'fast', port: 5432 } })
    expect(configFromForm(exampleDriver, { Host: 'h', Guard: 'false' })).toMatchObject({ config: { guard: false } })
  })

  it('names every field at fault', () => {
    expect(configFromForm(listed, { Port: 'abc', Password: 3 })).toEqual({
      fieldErrors: [
        { field: 'Hostname', error: 'is required' },
        { field: 'Port', error: 'must be a number' },
        { field: 'Password', error: 'must be a string' },
      ],
    })
  })

  it('gives errors of the schema under the name of the field', () => {
    expect(configFromForm(listed, { Hostname: 'h', Port: 0.5, Password: 'ab' })).toEqual({
      fieldErrors: [
        { field: 'Port', error: expect.stringContaining('int') },
        { field: 'Password', error: expect.stringContaining('3') },
      ],
    })
  })

  it('is not fooled by inherited names', () => {
    const form = [{ name: 'constructor', key: 'host', type: 'string', description: '', required: true }] as const
    expect(configFromForm({ ...exampleDriver, form }, {})).toEqual({
      fieldErrors: [{ field: 'constructor', error: 'is required' }],
    })
  })

  it('never quotes a secret', () => {
    const config = exampleDriver.config.superRefine((value, context) => {
      context.addIssue({ code: 'custom', path: ['password'], message: `bad password ${value.password}` })
    })
    expect(configFromForm({ ...listed, config }, { Hostname: 'h', Password: 'hidden' })).toEqual({
      fieldErrors: [{ field: 'Password', error: 'bad password ***' }],
    })
  })
})

describe('describeOptions', () => {
  it('gives a row per setting', () => {
    const rows = describeOptions(exampleDriver)
    expect(
      rows.map(({ name, type, default: value, secret, required }) => [name, type, value, secret, required]),
    ).toEqual([
      ['host', 'string', undefined, false, true],
      ['port', 'integer', '5432', false, false],
      ['user', 'string', undefined, false, false],
      ['password', 'string', undefined, true, false],
      ['mode', 'fast | safe', 'safe', false, false],
      ['guard', 'boolean', 'false', false, false],
      ['tags', 'string[]', '[]', false, false],
      ['accessKeyId', 'string', undefined, true, false],
    ])
    expect(rows[0]?.description).toBe('Where the server is.')
  })
})
