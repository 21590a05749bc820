import { parseSinkUrl } from '@eds/core'
import { describe, expect, it } from 'vitest'
import driver from '../src/index.js'

const defaults = { host: 'db', port: 6379, database: 0, tls: false, prefix: 'eds:', timeoutMs: 30_000 }
const refused = ['redis://', 'redis://a,b', 'redis://db/x', 'redis://db?tls=true', 'redis://db?what=1', 'nats://db']

describe('URL', () => {
  it.each([
    ['redis://db', {}],
    ['redis://:secret@db:6380/2', { password: 'secret', port: 6380, database: 2 }],
    ['rediss://eds:secret@db', { user: 'eds', password: 'secret', tls: true }],
    ['redis://db?prefix=shop%3A&maxLength=1000&timeoutMs=500', { prefix: 'shop:', maxLength: 1000, timeoutMs: 500 }],
  ])('%s is read, and written the same', (url, expected) => {
    const config = parseSinkUrl(driver, url)
    expect(config).toEqual({ ...defaults, ...expected })
    expect(driver.format(config)).toBe(url)
  })

  it.each(refused)('%s is refused', (url) => {
    const refusal = expect.objectContaining({ code: 'configuration' })
    expect(() => parseSinkUrl(driver, url)).toThrow(refusal)
  })
})
