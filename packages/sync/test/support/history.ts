import { type SyncConfig, type SyncMessage, type SyncStorage, selections } from '../../src/index.js'
import { ManualClock } from './manual-clock.js'
import { Model } from './model.js'
import { MortalStorage } from './mortal-storage.js'
import { randomNumbers, request, SyncWorld, testConfig } from './sync-world.js'

const keys = ['a', 'b', 'c']

/** A random life of a synchronisation, lived by the engine and by the model. */
export class History {
  readonly model: Model
  readonly sent: SyncMessage[] = []
  /** Whether a message may have come twice: something died, or what was sent failed to be stored as such. */
  crashes = 0
  readonly #open: () => Promise<SyncStorage>
  readonly #random: () => number
  readonly #clock = new ManualClock()
  readonly #config: SyncConfig
  #storage!: MortalStorage
  #world!: SyncWorld
  #isDown = false
  #count = 0

  constructor(seed: number, open: () => Promise<SyncStorage>) {
    this.#open = open
    this.#random = randomNumbers(seed)
    this.#config = this.#randomConfig()
    this.model = new Model(this.#config)
  }

  async live(steps: number): Promise<void> {
    await this.#start()
    for (let step = 0; step < steps; step++) await this.#step()
    this.#isDown = false
    await this.#settle()
  }

  /** Closes and says what the engine counts, next to what the model does. */
  async end() {
    const status = await this.#world.sync.status()
    await this.#world.sync.close()
    const now = this.#clock.now()
    const pending = this.#config.endpoints.map(({ eventKey }) => this.model.pending(eventKey, now).length)
    const counted = { stored: status.eventsStored, fired: status.windowsFired, due: status.due.count }
    return {
      engine: { ...counted, pending: status.endpoints.map((endpoint) => endpoint.pending) },
      model: { stored: this.model.events.length, fired: this.model.messages.length, due: 0, pending },
    }
  }

  async #step(): Promise<void> {
    const dice = this.#random()
    if (dice < 0.55) return this.#receive(1 + this.#below(4))
    if (dice < 0.62) return this.#trigger()
    if (dice < 0.66) return this.#reset()
    if (dice < 0.72) return this.#restart()
    if (dice < 0.76) return this.#crash(1 + this.#below(4))
    if (dice < 0.8) return this.#crashSending(1 + this.#below(4))
    if (dice < 0.86) this.#isDown = !this.#isDown
    else if (dice < 0.97) this.#clock.advance(this.#below(9_000))
    else this.#clock.jump(-this.#below(20_000))
  }

  /** At once: they are stored in the order of the calls. */
  async #receive(count: number): Promise<void> {
    const now = this.#clock.now()
    const requests = this.#requests(count)
    const receipts = await Promise.all(requests.map((received) => this.#world.sync.receive(received)))
    for (const [index, { id, date }] of receipts.entries()) {
      const { eventKey, content } = requests[index]!
      const expected = this.model.receive(id, eventKey, content, now)
      if (date !== expected) throw new Error(`event ${id} has the date ${date} instead of ${expected}`)
    }
  }

  async #trigger(): Promise<void> {
    await this.#world.sync.trigger()
    this.model.trigger(this.#clock.now())
  }

  async #reset(): Promise<void> {
    await this.#world.sync.reset()
    this.model.reset(this.#clock.now())
  }

  async #restart(): Promise<void> {
    const closed = this.#world.sync.close()
    await closed
    await this.#start()
  }

  /** Dies when its next step is stored, with nobody answered. What the step holds has happened all the same. */
  async #crash(count: number): Promise<void> {
    this.crashes++
    const now = this.#clock.now()
    const storage = this.#storage
    const died = new Promise<void>((resolve) => {
      storage.afterCommit = ({ events }) => {
        storage.die()
        for (const { event } of events) this.model.receive(event.id, event.eventKey, event.content, now)
        resolve()
      }
    })
    for (const received of this.#requests(count)) void this.#world.sync.receive(received)
    await died
    await this.#start()
  }

  /** Dies when the next message has gone out, or else when all is stored. */
  async #crashSending(count: number): Promise<void> {
    this.crashes++
    const storage = this.#storage
    const now = this.#clock.now()
    const storedOrDead = new Promise<void>((resolve) => {
      this.#world.gate = async () => {
        if (this.#isDown) throw new Error('down')
        storage.die()
        resolve()
      }
      storage.afterCommit = ({ events }) => {
        for (const { event } of events) this.model.receive(event.id, event.eventKey, event.content, now)
        resolve()
      }
    })
    for (const received of this.#requests(count)) void this.#world.sync.receive(received)
    await storedOrDead
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
    storage.die()
    await this.#start()
  }

  async #start(): Promise<void> {
    this.#storage = new MortalStorage(await this.#open())
    const options = { config: this.#config, clock: this.#clock, random: this.#random }
    this.#world = await SyncWorld.open(this.#storage, options)
    const { messages } = this.#world
    this.#world.gate = async () => {
      if (this.#isDown) throw new Error('down')
    }
    messages.push = (...sent) => this.sent.push(...sent)
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < 10_000; turn++) {
      if ((await this.#world.sync.status()).due.count === 0) return
      this.#clock.advance(1_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    throw new Error('messages stay due')
  }

  #requests(count: number) {
    return Array.from({ length: count }, () => {
      const { eventKey } = this.#config.endpoints[this.#below(this.#config.endpoints.length)]!
      return request(eventKey, String(++this.#count))
    })
  }

  #randomConfig(): SyncConfig {
    const endpoints = keys.slice(0, 2 + this.#below(2)).map((eventKey) => ({
      eventKey,
      eventToSend: selections[this.#below(selections.length)],
      minNbOfOccurrence: 1 + this.#below(3),
    }))
    const type = this.#random() < 0.85 ? 'window' : 'none'
    const observationPeriod = 3 + this.#below(30)
    return testConfig({ type, observationPeriod, keepEventAfterTrigger: this.#random() < 0.25 }, endpoints)
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }
}
