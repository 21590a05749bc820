import { parseSinkUrl } from '@eds/core'
import { describe, expect, it } from 'vitest'
import driver from '../src/index.js'

const defaults = { maxEventBytes: 1_048_576, timeoutMs: 30_000 }

const refused = [
  '',
  'one,two',
  'shop:80',
  'shop/path',
  'user:secret@shop',
  'shop?what=1',
  'shop?store=b',
  'shop?timeoutMs=1',
]

describe('URL', () => {
  it.each([
    ['shop', { store: 'shop' }],
    [':secret@shop', { store: 'shop', password: 'secret' }],
    ['shop?maxEventBytes=9&timeoutMs=500', { store: 'shop', maxEventBytes: 9, timeoutMs: 500 }],
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
