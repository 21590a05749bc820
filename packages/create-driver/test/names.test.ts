import { readdirSync, readFileSync } from 'node:fs'
import { namesOf, reservedSchemes } from '@eds/create-driver'
import { describe, expect, it } from 'vitest'

const names = (name: string, scheme?: string) => namesOf({ name, kind: 'http', ...(scheme && { scheme }) })

describe('names', () => {
  it.each([
    [
      'my-db',
      { name: 'my-db', packageName: 'eds-driver-my-db', directory: 'my-db', scheme: 'my-db', className: 'MyDb' },
    ],
    ['eds-driver-redis', { name: 'redis', packageName: 'eds-driver-redis', directory: 'eds-driver-redis' }],
    ['@acme/driver-lake2', { name: 'lake2', packageName: '@acme/driver-lake2', directory: 'driver-lake2' }],
    ['@acme/eds-driver-lake', { name: 'lake', packageName: '@acme/eds-driver-lake', scheme: 'lake', title: 'Lake' }],
  ])('%s', (typed, expected) => {
    expect(names(typed)).toMatchObject(expected)
  })

  it.each([
    ['', /needs a name/],
    ['My-Db', /lower-case/],
    ['my_db', /lower-case/],
    ['2db', /a letter first/],
    ['my--db', /single dashes/],
    ['../up', /lower-case/],
    ['@acme/', /needs a name/],
    ['@/db', /no npm scope/],
    ['driver-', /needs a name/],
    ['x'.repeat(25), /longer than 24/],
  ])('%j is refused', (typed, message) => {
    expect(() => names(typed)).toThrow(message)
  })
})

describe('schemes', () => {
  it.each([
    ['postgres', /serves "postgres:\/\/" already/],
    ['https', /means something else/],
    ['my:db', /cannot be a URL scheme/],
    ['MyDb', /cannot be a URL scheme/],
  ])('%s is refused', (scheme, message) => {
    expect(() => names('my-db', scheme)).toThrow(message)
  })

  it('a name that is a taken scheme is fine with another one', () => {
    expect(() => names('kafka')).toThrow(/choose another scheme/)
    expect(names('kafka', 'kafka-lite').scheme).toBe('kafka-lite')
  })

  it('all schemes of the drivers in this repository are reserved', () => {
    const packages = new URL('../../', import.meta.url)
    const drivers = readdirSync(packages).filter((name) => name.startsWith('driver-'))
    const schemes = drivers.flatMap((name) => {
      const manifest = readFileSync(new URL(`${name}/package.json`, packages), 'utf8')
      return (JSON.parse(manifest) as { eds: { schemes: string[] } }).eds.schemes
    })
    expect(schemes.length).toBeGreaterThan(5)
    expect(schemes.filter((scheme) => !reservedSchemes.has(scheme))).toEqual([])
  })
})
