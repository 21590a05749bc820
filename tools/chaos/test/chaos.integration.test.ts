import { expect, test } from 'vitest'
import { planIncidents } from '../src/incidents.js'
import { runChaos } from '../src/run-chaos.js'

test('incidents come in order, at moments that the seed decides', () => {
  const plan = { events: 1000, kills: 5, restartPostgres: true, restartNats: true }
  const moments = planIncidents({ ...plan, seed: 1 }).map(({ at }) => at)
  expect(moments).toHaveLength(7)
  expect(moments).toEqual([...moments].sort((left, right) => left - right))
  expect(moments).toEqual(planIncidents({ ...plan, seed: 1 }).map(({ at }) => at))
  expect(moments).not.toEqual(planIncidents({ ...plan, seed: 2 }).map(({ at }) => at))
})

test('20,000 events arrive whole while the worker is killed twice, and PostgreSQL and NATS crash once', async () => {
  const report = await runChaos({
    events: 20_000,
    seed: 7,
    kills: 2,
    restartPostgres: true,
    restartNats: true,
    log: () => {},
  })
  expect(report.text).toMatch(/20000 events; \d+ tables with \d+ rows equal the expected state/)
  expect(report.ok).toBe(true)
}, 300_000)
