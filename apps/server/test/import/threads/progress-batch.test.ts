import { expect, it } from 'vitest'
import { ProgressBatch } from '../../../src/import/threads/progress-batch.js'

it('tells the sums of each table when the time has come, and what is left when it is asked to', () => {
  let now = 0
  const told: unknown[] = []
  const batch = new ProgressBatch(
    (table, counts) => told.push([table, counts.rows, counts.bytes]),
    () => now,
    100,
  )
  batch.add('order', 10, 0)
  batch.add('order', 0, 64)
  batch.add('label', 1, 0)
  expect(told).toEqual([])
  now = 100
  batch.add('order', 5, 0)
  expect(told.splice(0)).toEqual([
    ['order', 15, 64],
    ['label', 1, 0],
  ])
  batch.add('order', 2, 0)
  expect(told).toEqual([])
  batch.flush()
  batch.flush()
  expect(told).toEqual([['order', 2, 0]])
})
