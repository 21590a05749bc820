import { describe, expect, test } from 'vitest'
import { choiceOf, mayReadLog } from '../src/choose-mode.js'
import { captureTable } from '../src/column.js'
import { toSourceError } from '../src/errors.js'
import { needsSnapshot, pendingPosition, readPlace, snapshotPosition } from '../src/place.js'
import { resolveSettings } from '../src/settings.js'
import { runsOf } from '../src/triggers/sequencer.js'
import { triggerPlans } from '../src/triggers/trigger-sql.js'
import { floatText, jsonWriter } from '../src/value-json.js'

const column = (name: string, type: string, nullable = false) => ({ name, type, fullType: type, nullable })

test.each([
  [{ errno: 1045, message: 'Access denied' }, 'authentication'],
  [{ errno: 1142, message: 'TRIGGER command denied' }, 'authentication'],
  [{ errno: 1049, message: 'Unknown database' }, 'configuration'],
  [{ errno: 1205, message: 'Lock wait timeout' }, 'connection'],
  [{ errno: 1236, message: 'Could not find first log file name in binary log index file' }, 'gap'],
  [{ errno: 1236, message: 'A slave with the same server_uuid/server_id as this slave has connected' }, 'connection'],
  [{ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' }, 'connection'],
  [{ code: 'PROTOCOL_SEQUENCE_TIMEOUT', message: 'Query inactivity timeout' }, 'timeout'],
  [{ message: 'something else' }, 'unknown'],
])('%o is %s', ({ message, ...facts }, code) => {
  expect(toSourceError(Object.assign(new Error(message), facts), 'reading').code).toBe(code)
})

test.each([
  [undefined, true, 'binlog', /^the server and the rights of the user allow it$/],
  [undefined, false, 'triggers', /^the user may not read the binary log, which takes REPLICATION SLAVE/],
  ['binlog_format is MIXED', true, 'triggers', /^binlog_format is MIXED$/],
] as const)(
  'capturing, where the log has the fault %j and may be read: %j, is by %s',
  (fault, mayRead, mode, reason) => {
    expect(choiceOf(fault, mayRead)).toEqual({ mode, reason: expect.stringMatching(reason) })
  },
)

test('a missing right names those that are needed', () => {
  const denied = Object.assign(new Error('TRIGGER command denied'), { errno: 1142 })
  expect(toSourceError(denied, 'reading').fix).toMatch(/TRIGGER, CREATE.* REPLICATION SLAVE/)
})

test('who may read the binary log', () => {
  expect(mayReadLog(['GRANT ALL PRIVILEGES ON *.* TO `eds`@`%`'])).toBe(true)
  expect(mayReadLog(['GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO `eds`@`%`'])).toBe(true)
  expect(mayReadLog(['GRANT REPLICATION SLAVE ON *.* TO `eds`@`%`'])).toBe(false)
  expect(mayReadLog(['GRANT USAGE ON *.* TO `eds`@`%`', 'GRANT ALL PRIVILEGES ON `shop`.* TO `eds`@`%`'])).toBe(false)
})

test('the snapshot’s part of a position', () => {
  const base = '1732168000000_0000000000000042'
  const row = snapshotPosition(base, '0000000000000001', false)
  const last = snapshotPosition(base, '0000000000000002', true)
  expect([base, pendingPosition(base), row, last, '1732168000000_0000000000000043'].sort()).toEqual([
    base,
    pendingPosition(base),
    row,
    last,
    '1732168000000_0000000000000043',
  ])
  expect([base, pendingPosition(base), row, last].map((position) => needsSnapshot(readPlace(position)))).toEqual([
    false,
    true,
    true,
    false,
  ])
  expect(readPlace(row).base).toBe(base)
})

test('rows without a hole between them are numbered by one statement', () => {
  expect(runsOf([1n, 2n, 3n, 7n, 9n, 10n])).toEqual([
    [1n, 3n],
    [7n, 7n],
    [9n, 10n],
  ])
})

describe('triggers', () => {
  const table = captureTable('order; drop', [column('id', 'int'), column("it's `odd`", 'json')], ['id'])
  test('have names of their own, within the limit, which tell the version', () => {
    const plans = triggerPlans(table, 'eds_outbox')
    expect(plans.map(({ name }) => name.replace(/[0-9a-f]{16}$/, ''))).toEqual([
      'eds_i_order__drop_',
      'eds_u_order__drop_',
      'eds_d_order__drop_',
    ])
    const long = captureTable('x'.repeat(64), table.columns, ['id'])
    for (const { name } of triggerPlans(long, 'eds_outbox')) expect(name.length).toBeLessThanOrEqual(64)
    const other = triggerPlans(captureTable(table.name, [column('id', 'bigint')], ['id']), 'eds_outbox')
    expect(other[0]?.name).not.toBe(plans[0]?.name)
  })
  test('quote every name', () => {
    for (const { sql } of triggerPlans(table, 'out`box')) {
      expect(sql).toContain('`out``box`')
      expect(sql).not.toContain("it's `odd`,")
    }
  })
})

test('schemas: keys, required columns, and dates that may be zero', () => {
  const { schema, modelVersion } = captureTable(
    't',
    [column('id', 'int'), column('at', 'datetime'), column('x', 'text', true)],
    ['id'],
  )
  expect(schema).toEqual({
    table: 't',
    modelVersion,
    primaryKeys: ['id'],
    required: ['id'],
    properties: {
      id: { type: 'integer' },
      at: { type: 'string', format: 'date-time', nullable: true },
      x: { type: 'string', nullable: true },
    },
  })
})

test('values that a column cannot hold are refused', () => {
  expect(() => jsonWriter(column('b', 'blob'))('!')).toThrow('max_allowed_packet')
  expect(() => jsonWriter(column('n', 'int'))('one')).toThrow('no number')
  expect(jsonWriter(column('n', 'decimal'))('-000.50')).toBe('-0.50')
  expect([0.1, 16_777_216, 3.4028234663852886e38].map((value) => floatText(Math.fround(value)))).toEqual([
    '0.1',
    '16777216',
    '3.4028235e+38',
  ])
})

test('wrong options are named', () => {
  expect(() => resolveSettings({ url: 'mysql://h/d', pollMs: 300 })).toThrow('pollMs')
  expect(() => resolveSettings({ url: 'mysql://h' })).toThrow('database')
  expect(() => resolveSettings({ url: 'postgres://h/d' })).toThrow('postgres://')
  expect(() => resolveSettings({ url: 'mysql://u:secret@a,b/d' })).toThrow(/^(?!.*secret).*several/)
  const settings = resolveSettings({ url: 'mysql://u:p@h:1/d', host: 'other' })
  expect(settings).toMatchObject({
    host: 'other',
    port: 1,
    user: 'u',
    password: 'p',
    region: 'd',
    where: 'mysql://other:1/d',
  })
})
