import { decodeEvent, sink, staticRegistry, type TableSchema } from '@eds/core'
import file from '@eds/driver-file'
import { describe, expect, it } from 'vitest'
import { hiddenKeyProblems, hideColumns } from '../../src/realtime/hide-columns.js'

const signal = new AbortController().signal

function planned() {
  return { sink: sink(file, 'file:///tmp/nowhere'), destination: 'a folder' }
}

function eventOf(table: string) {
  const row = { id: 1, note: 'n', password: 'p' }
  const wire = {
    operation: 'UPDATE',
    id: 'e1',
    table,
    key: ['region', '1'],
    modelVersion: 'v1',
    before: row,
    after: row,
    diff: ['note', 'password'],
    timestamp: 1,
    mvccTimestamp: '1.0',
  }
  return decodeEvent({ position: '1', bytes: Buffer.from(JSON.stringify(wire)), time: 1 })
}

const schema: TableSchema = {
  table: 'shop.users',
  modelVersion: 'v1',
  primaryKeys: ['id'],
  required: ['id', 'password'],
  properties: { id: { type: 'integer' }, note: { type: 'string' }, password: { type: 'string' } },
}

describe('columns that are never sent', () => {
  it('are in no part of an event', () => {
    const [stage, ...others] = hideColumns(planned(), ['shop.users.password']).sink.options.stages ?? []
    expect(others).toEqual([])
    const hidden = stage?.(eventOf('shop.users'))
    expect(hidden).toMatchObject({ before: { id: 1, note: 'n' }, after: { id: 1, note: 'n' }, diff: ['note'] })
    expect(Buffer.from(hidden?.bytes ?? '').toString()).not.toContain('password')
    const other = eventOf('users')
    expect(stage?.(other)).toBe(other)
  })

  it('are in no schema', async () => {
    const { registry } = hideColumns(planned(), ['shop.users.password'])
    const seen = registry?.(staticRegistry([schema]))
    const shown = await seen?.get('shop.users', 'v1', eventOf('shop.users'), signal)
    expect(Object.keys(shown?.properties ?? {})).toEqual(['id', 'note'])
    expect(shown?.required).toEqual(['id'])
  })

  it('may not be keys, and without any the sink stays as it is', () => {
    expect(hiddenKeyProblems(['shop.users.id'], [schema])).toEqual([
      'FILTERS: "id" is a key of table "shop.users" and cannot be left out: rows are told apart by it',
    ])
    expect(hiddenKeyProblems(['shop.users.note'], [schema])).toEqual([])
    const sinkAsItIs = planned()
    expect(hideColumns(sinkAsItIs, [])).toBe(sinkAsItIs)
  })
})
