import { type FirestoreSim, startFirestoreSim } from '@eds/tool-firestore-sim'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { firestoreStorage } from '../src/firestore.js'
import { request, SyncWorld } from './support/sync-world.js'

let sim: FirestoreSim
beforeAll(async () => {
  sim = await startFirestoreSim()
})
afterAll(() => sim.stop())

async function start(collection: string): Promise<SyncWorld> {
  return SyncWorld.open(await firestoreStorage({ collection, projectId: 'eds-test', endpoint: sim.host }))
}

it.each(['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'INTERNAL'] as const)(
  'a commit whose answer is lost (%s) is not repeated, and counts once',
  async (status) => {
    const world = await start(`lost-${status}`)
    const before = sim.calls('commit')
    sim.fail({ method: 'commit', status, applied: true })
    await expect(world.sync.receive(request('a', 'perhaps'))).rejects.toMatchObject({
      name: 'EdsError',
      retryable: true,
    })
    expect(sim.calls('commit') - before).toBe(1)
    await world.sync.receive(request('b', 'sure'))
    await expect.poll(() => world.contents()).toEqual([{ a: ['perhaps'], b: ['sure'] }])
    await world.sync.close()
  },
)

it('a commit that is refused by contention is computed again', async () => {
  const world = await start('contention')
  sim.fail({ method: 'commit', status: 'ABORTED' })
  await world.receive('a', 'b')
  await expect.poll(() => world.contents()).toEqual([{ a: ['a'], b: ['b'] }])
  await world.sync.close()
})

it('an event that can never be stored fails alone', async () => {
  const world = await start('alone')
  const outcomes = await Promise.allSettled([
    world.sync.receive(request('a', 'x'.repeat(1_048_576))),
    world.sync.receive(request('a', 'good')),
    world.sync.receive({ ...request('a'), queryParams: { __x__: ['1'] } }),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected'])
  expect(outcomes[0]).toMatchObject({ reason: { code: 'record' } })
  await world.sync.close()
})

it('events that arrive together go into one commit', async () => {
  const world = await start('together')
  const before = sim.calls('commit')
  await Promise.all(Array.from({ length: 200 }, () => world.sync.receive(request('a'))))
  expect(sim.calls('commit') - before).toBeLessThanOrEqual(2)
  await world.sync.close()
})

it('names of collections that Firestore does not take are refused', async () => {
  for (const collection of ['', 'a/b', '..', '__x__']) {
    await expect(firestoreStorage({ collection, endpoint: sim.host })).rejects.toMatchObject({ code: 'configuration' })
  }
  await expect(firestoreStorage({ collection: 'a', endpoint: 'nowhere' })).rejects.toMatchObject({
    fix: 'give <host>:<port>',
  })
})
