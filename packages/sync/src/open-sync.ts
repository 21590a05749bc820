import { EdsError, systemClock } from '@eds/core'
import { fire, receiveEvent, resetEvents } from './commands.js'
import { CommitQueue } from './commit-queue.js'
import { acceptsMethod, type SyncConfig } from './config.js'
import { microseconds } from './date.js'
import type { SyncRequest } from './event.js'
import { type Head, parseHead } from './head.js'
import { Publisher } from './publisher.js'
import { discardRefused, resendRefused } from './settle.js'
import { silentLogger } from './silent-logger.js'
import { reportStatus } from './status-report.js'
import { Step } from './step.js'
import type { Receipt, Sync, SyncOptions } from './sync.js'
import { adoptEvents, keepUp, openStore, releaseLeases } from './upkeep.js'
import { windowStart } from './window.js'

/** The limit of Pub/Sub: https://cloud.google.com/pubsub/quotas#resource_limits */
const defaults = {
  clock: systemClock,
  random: Math.random,
  logger: silentLogger,
  legacyDates: false,
  maxMessageBytes: 10_000_000,
}
type CompleteOptions = Required<SyncOptions>

const upkeepEveryMs = 5_000
const closingMs = 5_000

/**
 * Opens the store, takes up what is pending and due in it, and begins to publish.
 *
 * @throws EdsError what the storage throws; `configuration` when the store is of a later version.
 */
export async function openSync(given: SyncOptions): Promise<Sync> {
  const options = { ...defaults, ...given }
  const { storage } = options
  const onHead = (head: Head) => publisher.see(head)
  const queue = new CommitQueue({ ...options, onHead })
  const publisher = new Publisher({ ...options, queue })
  const isAlone = !storage.shared
  if (isAlone) await goOn(options, queue)
  await queue.submit((step, context) => openStore(step, context, isAlone))
  await adoptAll(options, queue)
  return new RunningSync(options, queue, publisher)
}

/** Takes up what another program left, a portion with each step. */
async function adoptAll({ config, storage }: CompleteOptions, queue: CommitQueue): Promise<void> {
  const eventKeys = config.endpoints.map(({ eventKey }) => eventKey)
  if (storage.adopt === undefined) return
  for (let left = 1; left > 0; ) {
    left = await queue.submit(async (step, context) => {
      const events = (await storage.adopt?.(eventKeys, windowStart(config, context.now))) ?? []
      adoptEvents(step, context, events)
      return events.length
    })
  }
}

/** Where nobody else has the store open, its lines are continued. */
async function goOn({ storage }: CompleteOptions, queue: CommitQueue): Promise<void> {
  const { text } = await storage.load()
  const [writer] = Object.keys(parseHead(text).writers)
  if (writer !== undefined) queue.useWriter(writer)
}

class RunningSync implements Sync {
  readonly config: SyncConfig
  readonly #options: CompleteOptions
  readonly #queue: CommitQueue
  readonly #publisher: Publisher
  readonly #stop = new AbortController()
  readonly #upkeep: Promise<void>
  #closing: Promise<void> | undefined

  constructor(options: CompleteOptions, queue: CommitQueue, publisher: Publisher) {
    this.config = options.config
    this.#options = options
    this.#queue = queue
    this.#publisher = publisher
    this.#upkeep = this.#keepUp()
  }

  async receive(request: SyncRequest): Promise<Receipt> {
    this.#refuseClosed()
    const { eventKey, httpMethod, headers, queryParams, content } = request
    this.#check(request)
    const event = { eventKey, httpMethod: httpMethod.toUpperCase(), headers, queryParams, content }
    this.#options.storage.check?.(event)
    const { event: stored, fired } = await this.#queue.submit(
      (step, context) => receiveEvent(step, context, event),
      content.length,
    )
    return { id: stored.id, date: stored.date, ...(fired === undefined ? {} : { fired }) }
  }

  async trigger(): Promise<string> {
    this.#refuseClosed()
    return this.#queue.submit(fire)
  }

  async reset(): Promise<void> {
    this.#refuseClosed()
    await this.#queue.submit(resetEvents)
  }

  async status() {
    const { storage, clock } = this.#options
    const stored = await storage.load()
    const now = microseconds(clock.now())
    const context = { config: this.config, writer: '', instance: '', now }
    const { lastError } = this.#publisher
    return reportStatus(new Step(parseHead(stored.text), storage), context, { storage: storage.description, lastError })
  }

  async resend(name: string): Promise<boolean> {
    return this.#withRefused(name, (text) => this.#queue.submit((step, context) => resendRefused(step, context, text)))
  }

  async discard(name: string): Promise<boolean> {
    return this.#withRefused(name, (text) => this.#queue.submit((step) => discardRefused(step, text)))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #withRefused(name: string, act: (text: string) => Promise<boolean>): Promise<boolean> {
    this.#refuseClosed()
    const text = await this.#options.storage.readFiring(name)
    return text === undefined ? false : act(text)
  }

  #check({ eventKey, httpMethod }: SyncRequest): void {
    const endpoint = this.config.endpoints.find((candidate) => candidate.eventKey === eventKey)
    if (endpoint === undefined) {
      const keys = this.config.endpoints.map((candidate) => candidate.eventKey).join(', ')
      throw new EdsError('record', `there is no endpoint "${eventKey}"`, { fix: `the endpoints are ${keys}` })
    }
    if (acceptsMethod(endpoint, httpMethod)) return
    throw new EdsError('record', `the endpoint "${eventKey}" does not take ${httpMethod}`, {
      fix: `it takes ${endpoint.acceptedHttpMethods?.join(', ')}`,
    })
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new EdsError('connection', 'the synchronisation is being closed')
  }

  async #keepUp(): Promise<void> {
    const { clock, storage, logger } = this.#options
    const { signal } = this.#stop
    for (;;) {
      await clock.sleep(upkeepEveryMs, signal)
      if (signal.aborted) return
      try {
        await this.#queue.submit((step, context) => keepUp(step, context, !storage.shared))
      } catch (error) {
        logger.warn({ error }, 'the store of the synchronisation cannot be kept in order now')
      }
    }
  }

  async #close(): Promise<void> {
    const { clock, storage } = this.#options
    this.#stop.abort()
    const patience = new AbortController()
    await Promise.race([this.#finish(), clock.sleep(closingMs, patience.signal)])
    patience.abort()
    await storage.close()
  }

  async #finish(): Promise<void> {
    await this.#queue.idle()
    await this.#publisher.stop()
    await this.#upkeep
    if (this.#options.storage.shared) await this.#release()
  }

  async #release(): Promise<void> {
    try {
      await this.#queue.submit(releaseLeases)
    } catch (error) {
      this.#options.logger.warn({ error }, 'other instances take over in 15 seconds, not at once')
    }
  }
}
