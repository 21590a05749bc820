import { describe, expect, it } from 'vitest'
import { wantsLargerYoungGeneration } from '../src/young-generation.js'

describe('wantsLargerYoungGeneration', () => {
  it.each([
    [['server', '--url', 'file:///a'], [''], true],
    [['-d', './data', 'server'], ['--enable-source-maps', ''], true],
    [['demo'], [''], true],
    [['version'], [''], false],
    [['import', '--dir', '.'], [''], false],
    [['server', 'help'], [''], false],
    [['demo', '--help'], [''], false],
    [['server'], ['--max-semi-space-size=64', ''], false],
    [['server'], ['--trace-warnings --max_semi_space_size=64'], false],
  ] as const)('%j with %j: %s', (words, nodeOptions, expected) => {
    expect(wantsLargerYoungGeneration(words, nodeOptions)).toBe(expected)
  })
})
