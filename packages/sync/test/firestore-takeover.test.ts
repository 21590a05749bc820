import { randomUUID } from 'node:crypto'
import { type FirestoreSim, startFirestoreSim } from '@eds/tool-firestore-sim'
import { Firestore, Timestamp } from '@google-cloud/firestore'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { firestoreStorage } from '../src/firestore.js'
import { ManualClock } from './support/manual-clock.js'
import { randomNumbers, request, SyncWorld, silent } from './support/sync-world.js'

const now = Date.UTC(2026, 0, 12, 11)

describe.each([false, true])('in place of EventSync (composite indexes required: %j)', (requireIndexes) => {
  let sim: FirestoreSim
  let firestore: Firestore
  const worlds: SyncWorld[] = []
  const warnings: string[] = []
  beforeAll(async () => {
    sim = await startFirestoreSim({ requireIndexes })
    firestore = new Firestore({ projectId: 'eds-test', host: sim.host, ssl: false })
  })
  afterEach(async () => {
    const closing = worlds.splice(0).map(({ sync, clock }) => ({ clock, closed: sync.close() }))
    for (const { clock } of closing) clock.advance(5_000)
    await Promise.all(closing.map(({ closed }) => closed))
    warnings.length = 0
  })
  afterAll(async () => {
    await firestore.terminate()
    await sim.stop()
  })

  /** A document as EventSync adds it. */
  async function addEvent(collection: string, eventKey: string, content: string, ageSeconds: number, changes = {}) {
    return firestore.collection(collection).add({
      AlreadyExported: false,
      Datetime: Timestamp.fromMillis(now - ageSeconds * 1_000),
      EventKey: eventKey,
      Headers: { 'Content-Type': ['text/plain'] },
      QueryParams: null,
      Content: content,
      Method: 'POST',
      ...changes,
    })
  }

  async function start(collection: string, clock = new ManualClock(now)): Promise<SyncWorld> {
    const logger = { ...silent, warn: (_: object, text: string) => void warnings.push(text) }
    const storage = await firestoreStorage({ collection, projectId: 'eds-test', endpoint: sim.host, logger })
    const random = randomNumbers(Number.parseInt(randomUUID().slice(0, 8), 16))
    const world = await SyncWorld.open(storage, { random, clock })
    worlds.push(world)
    return world
  }

  it('takes up its pending events of the observation period, once, oldest first', async () => {
    const collection = `take ${randomUUID()}`
    await addEvent(collection, 'a', 'second', 10)
    await addEvent(collection, 'a', 'first', 50)
    await addEvent(collection, 'a', 'too old', 61)
    await addEvent(collection, 'a', 'used', 20, { AlreadyExported: true })
    await addEvent(collection, 'unknown', 'x', 20)
    const [one, two] = [await start(collection), await start(collection)]
    expect((await two.sync.status()).endpoints.map(({ pending }) => pending)).toEqual([2, 0])
    await one.sync.receive(request('b', 'third'))
    await expect.poll(() => one.contents()).toEqual([{ a: ['first', 'second'], b: ['third'] }])
    expect(one.messages[0]?.events.a?.events?.[0]).toEqual({
      datetime: '2026-01-12T10:59:10.000000Z',
      eventKey: 'a',
      headers: { 'Content-Type': ['text/plain'] },
      queryParams: {},
      content: 'first',
      httpMethod: 'POST',
    })
  })

  it('takes up more than fits into one step, from two instances at once', async () => {
    const collection = `many-${randomUUID()}`
    const batch = firestore.batch()
    for (let index = 0; index < 900; index++) {
      const Datetime = Timestamp.fromMillis(now - 30_000 + index)
      const fields = { AlreadyExported: false, Datetime, EventKey: 'a', Content: String(index), Method: 'POST' }
      batch.create(firestore.collection(collection).doc(), fields)
    }
    await batch.commit()
    const clock = new ManualClock(now)
    const opening = [start(collection, clock), start(collection, clock)]
    await expect
      .poll(() => {
        // Whoever loses the race again and again waits a moment.
        clock.advance(10)
        return worlds.length
      })
      .toBe(2)
    await (await opening[0])?.receive('b')
    const all = Array.from({ length: 900 }, (_, index) => String(index))
    await expect.poll(() => worlds.flatMap((world) => world.contents())).toEqual([{ a: all, b: ['b'] }])
  })

  it('leaves to EventSync what is pending, and marks as used what was sent', async () => {
    const collection = `back-${randomUUID()}`
    await addEvent(collection, 'a', '1', 10)
    const world = await start(collection)
    world.gate = () => new Promise(() => {})
    await world.receive('b', 'a')
    const documents = (await firestore.collection(collection).get()).docs.map((found) => found.data())
    const marks = documents.map(({ Content, AlreadyExported }) => `${Content} ${AlreadyExported}`)
    // The one that was taken up is there twice, used both times.
    expect(marks.sort()).toEqual(['1 true', '1 true', 'a false', 'b true'])
    expect(documents.find(({ Content }) => Content === 'a')).toEqual({
      AlreadyExported: false,
      Content: 'a',
      Datetime: expect.any(Timestamp),
      EventKey: 'a',
      Headers: { accept: ['*/*'] },
      Method: 'POST',
      QueryParams: { q: ['1', '2'] },
    })
  })

  it('creates the index of EventSync when it is missed, and goes on without it otherwise', async () => {
    const collection = `index-${randomUUID()}`
    await addEvent(collection, 'a', '1', 10)
    sim.fail({ method: 'createIndex', status: 'PERMISSION_DENIED' })
    const before = sim.calls('createIndex')
    const refused = await start(collection)
    expect((await refused.sync.status()).endpoints[0]?.pending).toBe(1)
    if (!requireIndexes) {
      expect(sim.calls('createIndex')).toBe(before)
      return
    }
    expect(warnings).toEqual([expect.stringMatching(/PERMISSION_DENIED.*gcloud firestore indexes composite create/)])
    await start(collection)
    const path = 'projects/eds-test/databases/(default)/documents'
    expect(sim.documents(`${path}/${collection}`)).toHaveLength(2)
    expect(sim.indexes(collection)).toEqual(['EventKey ASCENDING, AlreadyExported ASCENDING, Datetime ASCENDING'])
  })
})
