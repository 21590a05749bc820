import { expect, it } from 'vitest'
import { PublishWindow } from '../src/publish-window.js'

const message = (text: string) => ({ subject: 'a', data: Buffer.from(text) })

it('gives back what is not confirmed, in order', () => {
  const window = new PublishWindow()
  const [a, b, c] = ['a', 'b', 'c'].map(message)
  for (const each of [a!, b!, c!]) window.add(each, 0)
  window.confirm(2, 1)
  expect(window.size).toBe(2)
  expect(window.message(2)).toBeUndefined()
  expect(window.resend(5)).toEqual([
    [1, a],
    [3, c],
  ])
})

it('knows for how long nothing was confirmed', () => {
  const window = new PublishWindow()
  expect(window.stuckMs(1_000)).toBe(0)
  window.add(message('a'), 1_000)
  window.add(message('b'), 1_500)
  expect(window.stuckMs(1_700)).toBe(700)
  window.confirm(1, 1_800)
  expect(window.stuckMs(2_000)).toBe(200)
  window.confirm(2, 2_000)
  window.add(message('c'), 9_000)
  expect(window.stuckMs(9_100)).toBe(100)
})

it('calls the oldest overdue by the time when it was last sent', () => {
  const window = new PublishWindow()
  expect(window.isOverdue(100, 1_000)).toBe(false)
  window.add(message('a'), 1_000)
  expect(window.isOverdue(100, 1_099)).toBe(false)
  expect(window.isOverdue(100, 1_100)).toBe(true)
  window.resend(1_100)
  expect(window.isOverdue(100, 1_150)).toBe(false)
})
