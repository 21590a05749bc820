import { describe, expect, it } from 'vitest'
import { CopyBuffer, escapeCopyText } from '../src/copy-buffer.js'
import { copyDataOf } from './copy-messages.js'

describe('COPY text', () => {
  it.each([
    ['', ''],
    ['plain ünïcode 🔧', 'plain ünïcode 🔧'],
    ['\\N', '\\\\N'],
    ['\\.', '\\\\.'],
    ['a\tb\nc\rd', 'a\\tb\\nc\\rd'],
    ['\b\f\v', '\b\f\v'],
    ['\\', '\\\\'],
  ])('%j is escaped as %j', (text, escaped) => {
    expect(escapeCopyText(text)).toBe(escaped)
  })
})

describe('COPY messages', () => {
  it('frames the data of several commands', () => {
    const buffer = new CopyBuffer(Buffer.alloc(0))
    buffer.append('first\n')
    buffer.append('zweite 🔧\n')
    buffer.endCopy()
    buffer.endCopy()
    buffer.append('other table\n')
    buffer.endCopy()
    expect(copyDataOf(buffer.messages())).toEqual(['first\nzweite 🔧\n', '', 'other table\n'])
  })

  it('keeps every byte while it grows and cuts messages at rows', () => {
    const buffer = new CopyBuffer(Buffer.alloc(16))
    const lines = Array.from({ length: 5_000 }, (_, index) => `${index}\t${'ä€🔧x'.repeat(index % 40)}\n`)
    for (const line of lines) buffer.append(line)
    buffer.endCopy()
    expect(copyDataOf(buffer.messages())).toEqual([lines.join('')])
    expect(buffer.messages().length).toBeLessThan(buffer.buffer.length)
  })

  it('takes one row larger than a message', () => {
    const buffer = new CopyBuffer(Buffer.alloc(0))
    const line = `${'long '.repeat(100_000)}\n`
    buffer.append('short\n')
    buffer.append(line)
    buffer.append('short\n')
    buffer.endCopy()
    expect(copyDataOf(buffer.messages())).toEqual([`short\n${line}short\n`])
  })

  it('writes over a buffer that was used before', () => {
    const first = new CopyBuffer(Buffer.alloc(0))
    first.append('much more than the second\n')
    first.endCopy()
    const second = new CopyBuffer(first.buffer)
    second.append('less\n')
    second.endCopy()
    expect(second.buffer).toBe(first.buffer)
    expect(copyDataOf(second.messages())).toEqual(['less\n'])
  })
})
