import { randomUUID } from 'node:crypto'
import { EdsError } from '@eds/core'
import { afterEach, describe, expect, it } from 'vitest'
import { parseSyncConfig, type SyncStorage } from '../src/index.js'
import { ManualClock } from './support/manual-clock.js'
import { MortalStorage } from './support/mortal-storage.js'
import { request, SyncWorld, testConfig, type WorldOptions } from './support/sync-world.js'

export interface StoreSuiteOptions {
  /** Opens the store of this name, made when it is not there. Called again for it: after a restart, and for a second instance. */
  open(name: string): Promise<SyncStorage>
  /** Whether two may have it open at a time. */
  readonly shared: boolean
  /** A body that it takes, bytes. Default: 1,800,000, more than one entry of a store that splits them. */
  readonly largeBytes?: number
}

/** What every storage must do. */
export function storeSuite(title: string, { open, shared, largeBytes = 1_800_000 }: StoreSuiteOptions): void {
  describe(title, () => {
    const name = () => `s${randomUUID().slice(0, 8)}`
    const worlds: SyncWorld[] = []
    const start = async (store: string, options?: WorldOptions, storage?: SyncStorage) => {
      const world = await SyncWorld.open(storage ?? (await open(store)), options)
      worlds.push(world)
      return world
    }
    afterEach(async () => {
      const closing = worlds.splice(0).map(({ sync, clock }) => ({ clock, closed: sync.close() }))
      // The dead ones are not waited for any longer.
      for (const { clock } of closing) clock.advance(5_000)
      await Promise.all(closing.map(({ closed }) => closed))
    })

    it('fires once when every endpoint has its events', async () => {
      const world = await start(name())
      const receipts = await world.receive('a', 'a', 'b')
      expect(receipts.map(({ fired }) => fired !== undefined)).toEqual([false, false, true])
      await expect.poll(() => world.contents()).toEqual([{ a: ['a', 'a'], b: ['b'] }])
      await world.receive('b', 'b')
      await expect.poll(async () => (await world.sync.status()).messagesSent).toBe(1)
      expect(await world.sync.status()).toMatchObject({
        eventsStored: 5,
        windowsFired: 1,
        missing: { a: 1 },
        due: { count: 0 },
      })
      expect(world.messages).toHaveLength(1)
    })

    it('fires a window once under concurrency', async () => {
      const world = await start(name())
      const keys = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 'a' : 'b'))
      const receipts = await Promise.all(keys.map((key) => world.sync.receive(request(key))))
      expect(new Set(receipts.map(({ id }) => id)).size).toBe(100)
      expect(receipts.filter(({ fired }) => fired !== undefined)).toHaveLength(50)
      await expect.poll(() => world.messages.length).toBe(50)
      expect(new Set(world.messages.map(({ eventID }) => eventID)).size).toBe(50)
    })

    it('keeps pending events and their order over a restart', async () => {
      const store = name()
      const clock = new ManualClock()
      const before = await start(store, { clock })
      await before.sync.receive(request('a', '1'))
      await before.sync.receive(request('a', '2'))
      await before.sync.close()
      clock.jump(-5_000)
      const after = await start(store, { clock })
      await after.sync.receive(request('a', '3'))
      await after.sync.receive(request('b', '4'))
      await expect.poll(() => after.contents()).toEqual([{ a: ['1', '2', '3'], b: ['4'] }])
    })

    it('sends the same message again when the process died between commit and publish', async () => {
      const store = name()
      const clock = new ManualClock()
      const storage = new MortalStorage(await open(store))
      const dead = await start(store, { clock }, storage)
      storage.afterCommit = ({ firings }) => {
        if (firings.length > 0) storage.die()
      }
      await dead.receive('a')
      void dead.sync.receive(request('b'))
      await expect.poll(() => storage.isDead).toBe(true)
      expect(dead.attempts).toEqual([])
      const after = await startAfterDeath(store, clock)
      await expect.poll(() => after.contents()).toEqual([{ a: ['a'], b: ['b'] }])
    })

    it('sends the same id and set again when the process died between publish and confirmation', async () => {
      const store = name()
      const clock = new ManualClock()
      const storage = new MortalStorage(await open(store))
      const dead = await start(store, { clock }, storage)
      dead.gate = async () => storage.die()
      await dead.receive('a', 'b')
      await expect.poll(() => dead.messages.length).toBe(1)
      const after = await startAfterDeath(store, clock)
      await expect.poll(() => after.messages).toEqual(dead.messages)
      await after.receive('a', 'b')
      await expect.poll(() => after.messages.length).toBe(2)
      expect(after.messages[1]?.eventID).not.toBe(after.messages[0]?.eventID)
    })

    /** Where others may live, the dead one's lease has to run out. */
    async function startAfterDeath(store: string, clock: ManualClock): Promise<SyncWorld> {
      const world = await start(store, { clock })
      if (!shared) return world
      await expect
        .poll(() => {
          clock.advance(5_000)
          return world.messages.length
        })
        .toBe(1)
      return world
    }

    it('goes on receiving while messages cannot be sent, and sends them later', async () => {
      const world = await start(name())
      const works = world.gate
      world.gate = async () => {
        throw new EdsError('configuration', 'down', { fix: 'bring it up' })
      }
      await world.receive('a', 'b', 'a', 'b')
      const reason = { message: 'down', fix: 'bring it up' }
      await expect.poll(async () => (await world.sync.status()).due.lastError).toMatchObject(reason)
      expect((await world.sync.status()).due.count).toBe(2)
      world.gate = works
      await expect
        .poll(() => {
          world.clock.advance(30_000)
          return world.messages.length
        })
        .toBe(2)
      const ids = new Set(world.attempts.map(({ eventID }) => eventID))
      expect(ids).toEqual(new Set(world.messages.map(({ eventID }) => eventID)))
    })

    it('puts a message aside that is too large, with its events, and goes on', async () => {
      const world = await start(name(), { maxMessageBytes: 2_000 })
      await world.sync.receive(request('a', 'x'.repeat(largeBytes)))
      await world.receive('b')
      await expect.poll(async () => (await world.sync.status()).refused).toHaveLength(1)
      const [refused] = (await world.sync.status()).refused
      expect(refused?.error).toMatch(new RegExp(`${largeBytes} bytes, of the events of "a", "b"`))
      await world.receive('a', 'b')
      await expect.poll(() => world.contents()).toEqual([{ a: ['a'], b: ['b'] }])
      expect(await world.sync.resend('nothing-1')).toBe(false)
      expect(await world.sync.discard(refused!.name)).toBe(true)
      expect((await world.sync.status()).refused).toEqual([])
    })

    it('sends a message that was put aside when it is asked to and the limit allows', async () => {
      const store = name()
      const clock = new ManualClock()
      const before = await start(store, { clock, maxMessageBytes: 2_000 })
      const content = '€'.repeat(largeBytes / 3)
      await before.sync.receive(request('a', content))
      await before.receive('b')
      await expect.poll(async () => (await before.sync.status()).refused).toHaveLength(1)
      await before.sync.close()
      const after = await start(store, { clock })
      const [refused] = (await after.sync.status()).refused
      expect(await after.sync.resend(refused!.name)).toBe(true)
      await expect.poll(() => after.contents()).toEqual([{ a: [content], b: ['b'] }])
    })

    it('forgets events that are too old', async () => {
      const world = await start(name(), { config: testConfig({ observationPeriod: 10 }) })
      await world.receive('a', 'a', 'a')
      world.clock.advance(6_000)
      await world.receive('a', 'a')
      world.clock.advance(6_000)
      await expect.poll(async () => (await world.sync.status()).eventsExpired).toBe(3)
      await world.receive('b')
      await expect.poll(() => world.contents()).toEqual([{ a: ['a', 'a'], b: ['b'] }])
    })

    it('fires again with each event while events are kept, and not after a reset', async () => {
      const config = testConfig({ keepEventAfterTrigger: true })
      const world = await start(name(), { config })
      await world.receive('a', 'b', 'a')
      await expect.poll(() => world.messages.length).toBe(2)
      expect(world.contents()).toContainEqual({ a: ['a', 'a'], b: ['b'] })
      await world.sync.reset()
      await world.receive('b')
      expect(await world.sync.status()).toMatchObject({ windowsFired: 2, missing: { a: 1 }, eventsReset: 3 })
    })

    it('takes up more events for a configuration that needs more', async () => {
      const store = name()
      const clock = new ManualClock()
      const endpoints = [{ eventKey: 'a', minNbOfOccurrence: 3 }, { eventKey: 'b' }]
      const before = await start(store, { clock })
      await before.receive('a', 'a')
      await before.sync.close()
      const config = parseSyncConfig(
        { serviceName: 'test', trigger: { type: 'window', observationPeriod: 60 }, endpoints },
        { requireTarget: false },
      )
      const after = await start(store, { clock, config })
      await after.receive('b')
      expect((await after.sync.status()).missing).toEqual({ a: 1 })
      await after.receive('a')
      await expect.poll(() => after.contents()).toEqual([{ a: ['a', 'a', 'a'], b: ['b'] }])
    })

    if (shared) {
      it('lets two instances act as one', async () => {
        const store = name()
        const clock = new ManualClock()
        const one = await start(store, { clock })
        const two = await start(store, { clock })
        const work = [one, two].flatMap((world) =>
          Array.from({ length: 40 }, (_, index) => world.sync.receive(request(index % 2 === 0 ? 'a' : 'b'))),
        )
        const receipts = await Promise.all(work)
        expect(new Set(receipts.map(({ id }) => id)).size).toBe(80)
        const fired = receipts.filter((receipt) => receipt.fired !== undefined)
        await expect.poll(() => one.messages.length + two.messages.length).toBe(fired.length)
        const ids = [...one.messages, ...two.messages].map(({ eventID }) => eventID)
        expect(new Set(ids).size).toBe(fired.length)
        const sent = [...one.messages, ...two.messages].reduce(
          (sum, { events }) => sum + (events.a?.numberOfEvents ?? 0) + (events.b?.numberOfEvents ?? 0),
          0,
        )
        const { endpoints } = await one.sync.status()
        expect(sent + endpoints.reduce((sum, { pending }) => sum + pending, 0)).toBe(80)
      })
    }
  })
}
