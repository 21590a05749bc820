import { memoryState, type StateStore } from '@eds/core'
import { expect, it } from 'vitest'
import { ConsumerDesk } from '../src/consumer-desk.js'
import { restartConsumer } from '../src/restart.js'
import { RestartNote } from '../src/restart-note.js'
import { resolveSettings, wishesFor } from '../src/settings.js'
import { FakeApi } from './support/fake-api.js'

const anchor = { sequence: 4, time: 4_000 }

function prepared(name: string, api: FakeApi, state: StateStore = memoryState()) {
  const warnings: string[] = []
  const logger = { debug() {}, info() {}, warn: (_fields: object, text: string) => warnings.push(text), error() {} }
  const settings = resolveSettings({ servers: 'nats://localhost', filterSubjects: ['a.>', 'b.>'] })
  const desk = new ConsumerDesk(name, wishesFor(name, settings), api, logger)
  const restart = () =>
    restartConsumer(desk, new RestartNote(state, 'dbchange', name), logger, {
      anchor,
      have: anchor.sequence,
      former: undefined,
    })
  return { restart, warnings }
}

it('settles a consumer of its own by sequence', async () => {
  const api = new FakeApi()
  const { info, proven } = await prepared('sink', api).restart()
  expect(info.delivered.stream).toBe(4)
  expect(proven).toBe(true)
  expect(api.log).toEqual(['delete', 'create by_start_sequence', 'delete', 'create by_start_sequence'])
})

it('settles a shared consumer by time, with its filters put in afterwards', async () => {
  const api = new FakeApi()
  const { restart, warnings } = prepared('eds-1', api)
  const { info } = await restart()
  expect(info.delivered.stream).toBe(3)
  expect(info.filterSubjects).toEqual(['a.>', 'b.>'])
  expect(api.log).toEqual(['delete', 'create by_start_sequence', 'delete', 'create by_start_time', 'update'])
  expect(warnings).toEqual([])
})

it('settles a shared consumer by sequence, and says so, when its start by time comes out too late', async () => {
  const { restart, warnings } = prepared('eds-1', new FakeApi({ lateByTime: 2 }))
  const { info } = await restart()
  expect(info.delivered.stream).toBe(4)
  expect(info.config.deliver_policy).toBe('by_start_sequence')
  expect(warnings).toEqual([expect.stringContaining('the old EDS server cannot take it over')])
})

it('makes a consumer again that comes up with the state of a former one', async () => {
  const api = new FakeApi({ stale: 3 })
  const { info } = await prepared('sink', api).restart()
  expect(info.delivered).toEqual({ consumer: 0, stream: 4 })
  expect(api.log.filter((entry) => entry === 'create by_start_sequence')).toHaveLength(5)
})

it('gives up for now when the former state keeps coming up', async () => {
  await expect(prepared('sink', new FakeApi({ stale: 100 })).restart()).rejects.toMatchObject({
    code: 'connection',
    message: expect.stringContaining('former state'),
  })
})

it('leaves its note when it breaks off, and clears it at the end', async () => {
  const state = memoryState()
  await prepared('sink', new FakeApi({ stale: 100 }), state)
    .restart()
    .catch(() => {})
  expect(await state.get('restart/dbchange/sink')).toBe('0000000000000004.4000')
  await prepared('sink', new FakeApi(), state).restart()
  expect(await state.get('restart/dbchange/sink')).toBeUndefined()
})
