import { describe, expect, it } from 'vitest'
import { humanLine } from '../../src/logging/human-line.js'

const plain = { timestamps: false, colors: false }

describe('humanLine', () => {
  it.each([
    [{ level: 'info', msg: 'started' }, 'INFO  started\n'],
    [
      { level: 'warn', msg: 'a sink fails', sink: 'orders', code: 'timeout' },
      'WARN  a sink fails (sink=orders, code=timeout)\n',
    ],
    [{ level: 'warn', msg: 'orders fails', sink: 'orders' }, 'WARN  orders fails\n'],
    [{ level: 'error', msg: 'two\n  lines', list: [1, 2] }, 'ERROR two lines\n'],
    [{ level: 'debug', msg: 'x', label: 'worker 1' }, 'DEBUG [worker 1] x\n'],
  ])('%j', (record, line) => {
    expect(humanLine(record, plain)).toBe(line)
  })

  it('begins with the time when asked', () => {
    expect(humanLine({ level: 'info', msg: 'x', time: 0 }, { timestamps: true, colors: false })).toBe(
      '1970-01-01T00:00:00.000Z INFO  x\n',
    )
  })
})
