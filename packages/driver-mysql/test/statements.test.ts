import { expect, it } from 'vitest'
import { buildCatalog, type ColumnRow } from '../src/catalog.js'
import { quoteIdentifier } from '../src/identifier.js'
import { escapeLineText } from '../src/import-lines.js'
import { PacketBuffer } from '../src/packet-buffer.js'
import { planMysqlTable } from '../src/plan.js'
import { serverFacts } from '../src/server.js'
import { deleteStatement, patchStatement, updateStatement, upsertStatement } from '../src/statements.js'
import { schemaOf } from './fixtures.js'

const column = (name: string, changes: Partial<ColumnRow> = {}): ColumnRow => ({
  table: 'item',
  kind: 'BASE TABLE',
  name,
  type: 'longtext',
  fullType: 'longtext',
  maxLength: 4_294_967_295,
  characterSet: 'utf8mb4',
  collation: 'utf8mb4_nopad_bin',
  numericPrecision: null,
  numericScale: null,
  secondDigits: null,
  nullable: name === 'id' ? 'NO' : 'YES',
  defaultText: null,
  extra: '',
  ...changes,
})

function planOf(columns: readonly ColumnRow[], indexes: readonly string[] = [], guard = false) {
  const rows = ['id', ...indexes].map((name) => ({ table: 'item', index: name, name, prefix: null }))
  const found = buildCatalog(columns, rows, []).get('item')!
  let id = 0
  const options = { guard, keyCollation: 'utf8mb4_nopad_bin', nextId: () => ++id }
  return planMysqlTable([schemaOf('item', { a: 'string' })], found, options)
}

const wholeOf = (plan: ReturnType<typeof planOf>) => plan.versions.get('v1')!.whole

it('upserts and deletes by the key alone where nothing else can be met', () => {
  const plan = planOf([column('id'), column('a')])
  expect(upsertStatement(plan, wholeOf(plan)).text(2)).toBe(
    'INSERT INTO `item` (`id`, `a`) VALUES (?, ?), (?, ?) ON DUPLICATE KEY UPDATE `a` = VALUES(`a`)',
  )
  expect(deleteStatement(plan).text(2)).toBe('DELETE FROM `item` WHERE `id` IN (?, ?)')
  expect(patchStatement(plan)).toMatchObject({ parameters: [0, 1, -3], maxRows: 1 })
  expect(updateStatement(plan)).toMatchObject({ parameters: [-3, 1, 0], mustFind: true })
})

it('fails rather than change the row that another unique index finds', () => {
  const plan = planOf([column('id'), column('a')], ['a'])
  expect(upsertStatement(plan, wholeOf(plan)).text(1)).toContain(
    'UPDATE `id` = IF(`id` <=> VALUES(`id`), `id`, NULL), `a`',
  )
})

it('compares bytes where the collation does not', () => {
  const plan = planOf([column('id', { collation: 'utf8mb4_general_ci' }), column('a')])
  expect(deleteStatement(plan).text(1)).toContain('CAST(CONVERT(`id` USING utf8mb4) AS BINARY) = CAST(? AS BINARY)')
})

it('sets the position last, because assignments count from left to right', () => {
  const plan = planOf([column('id'), column('a')], [], true)
  expect(upsertStatement(plan, wholeOf(plan)).text(1)).toMatch(
    /`_eds_mvcc` = IF\([^)]*\)[^)]*\)[^)]*\), `_eds_mvcc`\)$/,
  )
})

it('refuses a key that may be null where rows could meet', () => {
  expect(() => planOf([column('id', { nullable: 'YES' }), column('a')], ['a'])).toThrow(/may be null/)
})

it.each([
  ['', 'is empty'],
  ['a\0', 'NUL'],
  ['wrench 🔧', 'character'],
  ['blank ', 'blank'],
  ['x'.repeat(65), '65 characters'],
])('refuses the name %j', (name, reason) => {
  expect(() => quoteIdentifier(name)).toThrow(reason)
})

it('quotes names of any other content', () => {
  expect(quoteIdentifier('a`b"c\\')).toBe('`a``b"c\\`')
})

it('writes lines that LOAD DATA reads as they were', () => {
  expect(escapeLineText('a\tb\nc\\d\0')).toBe('a\\tb\\nc\\\\d\\0')
})

it.each([0, 5, 20, 21, 83, 84, 250, 251, 21_845, 21_846, 70_000])(
  'writes a text of %d characters with its length',
  (length) => {
    for (const character of ['x', 'ü', '漢']) {
      const text = character.repeat(length)
      const packets = new PacketBuffer(Buffer.alloc(0))
      const { from, to } = packets.execute([null, text], text.length * 3 + 9)
      // Header, command and so on (14), one byte of nulls, one flag, two types.
      const value = packets.buffer.subarray(from + 14 + 1 + 1 + 4, to)
      expect(packets.buffer[from + 14]).toBe(1)
      const first = value[0] as number
      const width = { 252: 2, 253: 3, 254: 8 }[first] ?? 0
      const bytes = width === 0 ? first : value.readUIntLE(1, Math.min(width, 6))
      expect(value.toString('utf8', 1 + width)).toBe(text)
      expect(bytes).toBe(value.length - 1 - width)
    }
  },
)

it('tells servers apart', () => {
  const row = { database: 'shop', connectionId: 1, maxPacketBytes: 1, lowerCaseTableNames: 1, localInfile: 0, flush: 2 }
  expect(serverFacts({ ...row, version: '8.4.3', readOnly: 1 })).toMatchObject({
    product: 'MySQL 8.4.3',
    mariadb: false,
    readOnly: true,
    foldsTableNames: true,
    flushesCommits: false,
    keyCollation: 'utf8mb4_0900_bin',
  })
  expect(serverFacts({ ...row, version: '10.11.19-MariaDB-log', readOnly: 'OFF' })).toMatchObject({
    product: 'MariaDB 10.11.19',
    readOnly: false,
    keyCollation: 'utf8mb4_nopad_bin',
  })
})
