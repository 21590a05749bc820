import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configSchema, parseConfigUrl } from '../src/config.js'
import { planSnowflakeTable } from '../src/plan.js'
import { Session } from '../src/session.js'
import { catalogOf, schemaOf } from './fixtures.js'
import { createSimulatedDatabase, type SimulatedDatabase } from './test-database.js'

const never = new AbortController().signal

describe('stages of a session', () => {
  let database: SimulatedDatabase
  let session: Session

  beforeAll(async () => {
    database = await createSimulatedDatabase()
    session = await Session.open(configSchema.parse(parseConfigUrl(database.url)), 'test', never)
  })
  afterAll(async () => {
    await session.close()
    await database.remove()
  })

  const planOf = (table: string) => {
    const schema = schemaOf(table, { name: 'string' })
    const place = { database: 'SHOP', schemaName: 'PUBLIC' }
    let ids = 0
    return planSnowflakeTable([schema], catalogOf(schema), { place, guard: false, nextId: () => ++ids })
  }
  const made = () =>
    database.sim.statements().filter(({ text }) => text.startsWith('CREATE OR REPLACE TEMPORARY')).length

  it('are made once, anew for another plan, and anew when they are full', async () => {
    const plan = planOf('a')
    const stage = await session.stageOf(plan, 10, undefined, never)
    expect(await session.stageOf(plan, 10, undefined, never)).toBe(stage)
    expect(made()).toBe(1)
    expect(await session.stageOf(planOf('a'), 200_000, undefined, never)).toBe(stage)
    expect(made()).toBe(2)
    expect(await session.stageOf(planOf('b'), 10, undefined, never)).not.toBe(stage)
    expect(made()).toBe(3)
  })

  it('are never made anew within a transaction, which that would end', async () => {
    const plan = planOf('full')
    await session.stageOf(plan, 200_000, undefined, never)
    const before = made()
    await session.transaction(undefined, never, () => session.stageOf(plan, 10, undefined, never))
    expect(made()).toBe(before)
    await session.stageOf(plan, 10, undefined, never)
    expect(made()).toBe(before + 1)
  })

  it('a statement that nobody waits for any longer is cancelled', async () => {
    database.sim.stall()
    const abort = new AbortController()
    const answer = session.run({ text: 'SELECT 1 AS "one"' }, abort.signal)
    await expect.poll(() => database.sim.statements().at(-1)?.text).toBe('SELECT 1 AS "one"')
    abort.abort()
    await expect(answer).rejects.toMatchObject({ code: 'connection' })
    await expect.poll(() => database.sim.statements().at(-1)?.error).toContain('000604')
    database.sim.restore()
  })
})
