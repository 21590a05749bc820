import { describe, expect, it } from 'vitest'
import { showProgress } from '../../src/import/progress.js'

function screen(isTTY: boolean) {
  let text = ''
  const output = {
    isTTY,
    columns: 200,
    write: (part: unknown) => {
      text += String(part)
      return true
    },
  }
  return { output, text: () => text }
}

describe('the progress of an import', () => {
  it('is a bar for each table on a terminal, with rows per second and the time left', () => {
    const { output, text } = screen(true)
    const progress = showProgress(output)
    progress.begin('order', 1_000)
    progress.begin('user', 500)
    progress.bytes(500, 'order')
    progress.rows(1_234, 'order')
    progress.bytes(500, 'user')
    progress.table('user', 77)
    expect(text()).toMatch(/user: 77 rows, [\d,]+ rows\/s\n/)
    expect(text()).toMatch(/50% \| order \| 1,234 rows \| [\d,]+ rows\/s \| \S+ left/)
    progress.table('order', 1_234)
    progress.stop()
    expect(text()).toMatch(/order: 1,234 rows, [\d,]+ rows\/s\n/)
  })

  it('is a line for each table elsewhere', () => {
    const { output, text } = screen(false)
    const progress = showProgress(output, 1_000)
    progress.bytes(500)
    progress.rows(10)
    expect(text()).toBe('')
    progress.table('order', 10)
    progress.begin('user', 5)
    progress.table('user', 1)
    progress.stop()
    expect(text()).toMatch(/^order: 10 rows\nuser: 1 rows, \d[\d,]* rows\/s\n$/)
  })
})
