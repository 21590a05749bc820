import { systemClock } from '@eds/core'
import { expect, it } from 'vitest'
import { ConsumerDesk } from '../src/consumer-desk.js'
import type { ConsumerInfo } from '../src/consumer-info.js'
import { CursorKeeper } from '../src/cursor-keeper.js'
import { Outstanding } from '../src/outstanding.js'
import type { StreamPlace } from '../src/position.js'
import { RestartNote } from '../src/restart-note.js'
import { SequenceGuard } from '../src/sequence-guard.js'
import { resolveSettings, wishesFor } from '../src/settings.js'
import { FakeApi } from './support/fake-api.js'

const logger = { debug() {}, info() {}, warn() {}, error() {} }
const created = Date.parse('2026-01-01T00:00:00Z')

function keeperOf(api: FakeApi): CursorKeeper {
  const settings = resolveSettings({ servers: 'nats://localhost' })
  const desk = new ConsumerDesk('sink', wishesFor('sink', settings), api, logger)
  const note = new RestartNote(undefined, 'dbchange', 'sink')
  return new CursorKeeper({ desk, note, clock: systemClock, logger, takeoverMs: 0 })
}

function guardAt(sequence: number): SequenceGuard {
  const acknowledged = { sequence, time: sequence * 1_000 }
  return new SequenceGuard(new Outstanding(), { acknowledged, nextConsumerSequence: 1, proven: true })
}

it('recovers to where the pipeline was when it began, though it acknowledges meanwhile', async () => {
  const guard = guardAt(2)
  class BusyApi extends FakeApi {
    override async consumerInfo(): Promise<ConsumerInfo | undefined> {
      guard.acknowledge({ sequence: 6, time: 6_000 })
      return undefined
    }
  }
  const recovered = await keeperOf(new BusyApi()).recover(guard, created, 4)
  expect(recovered).toMatchObject({ intact: false, info: { delivered: { consumer: 0, stream: 2 } } })
})

it('goes on with its own half-made consumer after a recovery that broke off', async () => {
  let failures = 1
  class UnsteadyApi extends FakeApi {
    override async nextMessage(): Promise<StreamPlace> {
      if (failures-- > 0) throw new Error('no answer')
      return super.nextMessage()
    }
  }
  const api = new UnsteadyApi()
  const keeper = keeperOf(api)
  const longAgo = created - 60_000
  await expect(keeper.recover(guardAt(2), longAgo, 4)).rejects.toThrow('no answer')
  expect(await api.consumerInfo()).toBeDefined()
  expect(await keeper.recover(guardAt(2), longAgo, 4)).toMatchObject({
    intact: false,
    info: { delivered: { stream: 2 } },
  })
})

it('does not take a consumer for its own that another program made', async () => {
  const api = new FakeApi()
  await api.createConsumer('sink', { deliver_policy: 'all', ack_policy: 'all' })
  await expect(keeperOf(api).recover(guardAt(0), created - 60_000, 0)).rejects.toMatchObject({
    code: 'connection',
    message: expect.stringContaining('made anew by another program'),
  })
})
