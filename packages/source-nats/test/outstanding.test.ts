import { expect, it } from 'vitest'
import { Outstanding } from '../src/outstanding.js'

function filled(...sequences: number[]): Outstanding {
  const outstanding = new Outstanding()
  for (const sequence of sequences) outstanding.push(sequence, sequence * 10, `r${sequence}`)
  return outstanding
}

it('gives out the replies up to a sequence, also one that is not there', () => {
  const outstanding = filled(2, 4, 6, 8)
  expect(outstanding.replies(5)).toEqual(['r2', 'r4'])
  expect(outstanding.settle(5)).toEqual(['r2', 'r4'])
  expect(outstanding.settle(5)).toEqual([])
  expect(outstanding.size).toBe(2)
  expect(outstanding.last).toBe(8)
  expect(outstanding.settle(8)).toEqual(['r6', 'r8'])
  expect(outstanding.last).toBeUndefined()
})

it('knows a message again by sequence and time, and takes its new reply', () => {
  const outstanding = filled(2, 4, 6)
  outstanding.settle(2)
  outstanding.restart(4)
  expect(outstanding.size).toBe(1)
  expect(outstanding.replies(9)).toEqual([])
  expect(outstanding.confirm(4, 41, 'new')).toBe(false)
  expect(outstanding.confirm(3, 30, 'new')).toBe(false)
  expect(outstanding.confirm(2, 20, 'new')).toBe(false)
  expect(outstanding.confirm(4, 40, 'new')).toBe(true)
  expect(outstanding.settle(4)).toEqual(['new'])
})

it('stays right over many messages', () => {
  const outstanding = new Outstanding()
  for (let sequence = 1; sequence <= 50_000; sequence++) {
    outstanding.push(sequence, sequence, `r${sequence}`)
    if (sequence % 100 === 0) expect(outstanding.settle(sequence - 50)).toHaveLength(sequence === 100 ? 50 : 100)
  }
  expect(outstanding.size).toBe(50)
  expect(outstanding.replies(49_952)).toEqual(['r49951', 'r49952'])
})
