import { parseSinkUrl } from '@eds/core'
import { describe, expect, it } from 'vitest'
import driver from '../src/index.js'

const defaults = { path: '/', tls: true, timeoutMs: 30_000 }

const refused = ['', 'one,two', 'user:secret@receiver', 'receiver?what=1', 'receiver?host=b', 'receiver?timeoutMs=1']

describe('URL', () => {
  it.each([
    ['receiver', { host: 'receiver' }],
    [':secret@receiver:8080/in', { host: 'receiver', port: 8080, path: '/in', token: 'secret' }],
    ['receiver?tls=false&timeoutMs=500', { host: 'receiver', tls: false, timeoutMs: 500 }],
  ])('%s is read, and written the same', (rest, expected) => {
    const url = `__scheme__://${rest}`
    const config = parseSinkUrl(driver, url)
    expect(config).toEqual({ ...defaults, ...expected })
    expect(driver.format(config)).toBe(url)
  })

  it.each(refused)('%s is refused', (rest) => {
    const refusal = expect.objectContaining({ code: 'configuration' })
    expect(() => parseSinkUrl(driver, `__scheme__://${rest}`)).toThrow(refusal)
  })
})
