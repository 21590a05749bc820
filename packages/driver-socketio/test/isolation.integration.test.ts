import { afterEach, expect, it } from 'vitest'
import { recorded, Stage, settled } from './stage.js'

const userCount = 200
const changeCount = Number(process.env.EDS_TEST_EVENTS ?? 20_000)
const batchSize = 250
const tables = Array.from({ length: 12 }, (_, index) => `table_${index}`)

let stage: Stage

afterEach(() => stage.close())

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const random = randomOf(Number(process.env.EDS_TEST_SEED ?? 1))
const below = (limit: number) => Math.floor(random() * limit)
const columns = ['a', 'b', 'c']

/** `*` for few, no rule for some, one to three columns for the others. */
function ruleOf(): string | string[] | undefined {
  const dice = below(100)
  if (dice < 4) return '*'
  if (dice < 20) return undefined
  return dice < 60 ? (columns[below(3)] ?? 'a') : columns.slice(0, 1 + below(3))
}

type Values = Record<string, string | number | null>
interface Change {
  readonly operation: string
  readonly table: string
  readonly before?: Values
  readonly after?: Values
}

/** Some ids are of nobody, some are numbers, some are null. */
function rowOf(id: number): Values {
  const owner = () => [`${below(userCount)}`, below(userCount), `${userCount + below(50)}`, null][below(4)] ?? null
  return { id, a: owner(), b: owner(), c: owner() }
}

function changeOf(id: number): Change {
  const operation = ['INSERT', 'UPDATE', 'DELETE'][below(3)] ?? 'INSERT'
  return {
    operation,
    table: tables[below(tables.length)] ?? 'table_0',
    ...(operation !== 'INSERT' && { before: rowOf(id) }),
    ...(operation !== 'DELETE' && { after: rowOf(id) }),
  }
}

/** The rules once more, in other words than the driver's. */
function expectedOf(changes: readonly Change[], routing: Readonly<Record<string, string | string[]>>): number[][] {
  const expected = Array.from({ length: userCount }, () => [] as number[])
  for (const [id, { table, after, before }] of changes.entries()) {
    const rule = routing[table]
    const row = after ?? before
    for (let user = 0; user < userCount; user++) {
      const sees = rule === '*' || [rule ?? []].flat().some((column) => String(row?.[column]) === String(user))
      if (sees) expected[user]?.push(id)
    }
  }
  return expected
}

it(`each of ${userCount} users gets of ${changeCount} changes exactly those that the rules give him`, async () => {
  const rules = tables.flatMap((table) => {
    const rule = ruleOf()
    return rule === undefined ? [] : [[table, rule] as const]
  })
  const routing = { ...Object.fromEntries(rules), table_0: '*' }
  stage = await Stage.open({ routing, maxBufferBytes: 32 * 2 ** 20 })
  const clients = await Promise.all(Array.from({ length: userCount }, (_, user) => stage.connected(`token-${user}`)))
  const got = clients.map(recorded)
  const changes = Array.from({ length: changeCount }, (_, id) => changeOf(id))
  for (let start = 0; start < changes.length; start += batchSize) {
    await stage.write(...changes.slice(start, start + batchSize).map((change) => ({ ...change })))
  }
  await Promise.all(clients.map((client, user) => settled(stage, client, String(user))))

  const expected = expectedOf(changes, routing)
  const received = (name: (table: string) => boolean) =>
    got.map((all) => all.flatMap(([event, { data }]) => (name(event) ? [(data as { id: number }).id] : [])))
  expect(received((event) => event.startsWith('table_'))).toEqual(expected)
  const isRow = (ids: (number | undefined)[]) => ids.filter((id) => id !== undefined)
  expect(received((event) => event === 'changes').map(isRow)).toEqual(expected)
  expect(expected.flat().length).toBeGreaterThan(changeCount)
}, 300_000)
