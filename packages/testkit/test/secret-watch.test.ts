import { type DriverDefinition, secret } from '@eds/core'
import { MemoryDatabase, memoryDriver } from '@eds/testkit'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { SecretWatch, tellingSecrets } from '../src/driver-suite/secret-watch.js'

const config = z.object({ user: z.string(), password: secret(z.string()), database: z.string().default('shop-2024') })
const definition: DriverDefinition<z.infer<typeof config>> = { ...memoryDriver(new MemoryDatabase()), config }

describe('secrets that are looked for', () => {
  it.each([
    ['k7-9Qx2', true],
    ['eds-test', true],
    ['postgres', false],
    ['12345678', false],
    ['a-b', false],
    ['shop-2024', false],
    ['Reader-1', false],
  ])('%s: %s', (password, telling) => {
    const given = config.parse({ user: 'reader-1', password })
    expect(tellingSecrets(definition, given)).toEqual(telling ? [password] : [])
  })
})

describe('a watch', () => {
  const watch = () => {
    const made = new SecretWatch()
    made.guard(['k7-9Qx2'])
    return made
  }

  it.each([
    ['a message', new Error('no k7-9Qx2')],
    ['a fix', Object.assign(new Error('no'), { fix: 'try k7-9Qx2' })],
    ['a cause of a cause', new Error('no', { cause: new Error('because', { cause: new Error('k7-9Qx2') }) })],
    ['one of several errors', new AggregateError([new Error('no'), new Error('k7-9Qx2')], 'none of them')],
    ['something else than an error', 'k7-9Qx2'],
  ])('sees a secret in %s', (__, error) => {
    const made = watch()
    made.see('write', error)
    expect(() => made.demandHidden('a log line', [])).toThrow(/an error of write shows a secret: .*\*\*\*/s)
  })

  it('sees a secret in a text', () => {
    expect(() => watch().demandHidden('a log line', ['fine', 'k7-9Qx2'])).toThrow('a log line shows a secret: ***')
  })

  it('lets everything else pass', () => {
    const made = watch()
    made.see('connect', new Error('no answer', { cause: new Error('refused') }))
    expect(() => made.demandHidden('a log line', ['connected'])).not.toThrow()
  })
})
