import { describe, expect, it } from 'vitest'
import { consumerNames } from '../../src/host/consumer-names.js'
import { formatTable } from '../../src/host/table.js'

describe('consumerNames', () => {
  const sinks = ['orders', 'archive']

  it.each([
    ['nothing is known', {}, ['edsd-orders', 'edsd-archive']],
    ['a suffix is given', { suffix: 'blue' }, ['eds-dev-blue', 'edsd-dev-blue-archive']],
    ['there are credentials', { serverId: 'srv1' }, ['eds-srv1', 'edsd-srv1-archive']],
    ['there are both', { serverId: 'srv1', suffix: 'blue' }, ['eds-srv1-blue', 'edsd-srv1-blue-archive']],
  ])('when %s', (_when, naming, names) => {
    expect([...consumerNames(sinks, naming)]).toEqual([
      ['orders', names[0]],
      ['archive', names[1]],
    ])
  })
})

describe('formatTable', () => {
  it('aligns columns', () => {
    const rows = [
      ['orders', '1', 'x'],
      ['a', '1,000', ''],
    ]
    expect(formatTable(['SINK', 'N', 'NOTE'], rows, new Set(['N']))).toBe(
      'SINK        N  NOTE\norders      1  x\na       1,000\n',
    )
  })
})
