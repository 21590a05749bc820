import {
  type ConnectionProbe,
  type Driver,
  EdsError,
  type EventBatch,
  type WriteFailure,
  type WriteResult,
  withDeadline,
  withSignals,
  written,
} from '@eds/core'
import { KafkaClient } from './client.js'
import type { KafkaConfig } from './config.js'
import { encodeBatch } from './encode.js'
import { toKafkaError } from './errors.js'
import { loadPartitionHash, type PartitionHash } from './partition.js'
import { Probe } from './probe.js'
import { splitRequests } from './requests.js'

interface Connection {
  readonly client: KafkaClient
  readonly hashOf: PartitionHash
}

/** Sends events to Kafka. */
export class KafkaDriver implements Driver {
  readonly probe: ConnectionProbe
  readonly #config: KafkaConfig
  #connection: Connection | undefined
  #wanted = false
  #writing = new AbortController()

  constructor(config: KafkaConfig) {
    this.#config = config
    this.probe = new Probe(config)
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    this.#connection = await this.#open(signal)
    this.#wanted = true
  }

  async write(batch: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    if (!this.#wanted) throw new EdsError('connection', 'the Kafka driver is not connected')
    const writing = new AbortController()
    this.#writing = writing
    return withSignals([signal, writing.signal], (either) => this.#write(batch, either))
  }

  async close(): Promise<void> {
    this.#wanted = false
    this.#writing.abort()
    const connection = this.#connection
    this.#connection = undefined
    await connection?.client.close(true)
  }

  async #write({ events }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const { client, hashOf } = await this.#connected(signal)
    const { topics, failures } = encodeBatch(events, this.#config, hashOf)
    try {
      const limit = this.#config.maxMessageBytes
      for (const request of splitRequests(topics, limit, (topic) => client.partitionsOf(topic))) {
        const { requestTimeoutMs: timeoutMs } = this.#config
        await withDeadline(() => client.send(request), { signal, timeoutMs, what: 'Kafka: writing' })
      }
    } catch (error) {
      // What is under way must not arrive behind what comes next.
      this.#connection = undefined
      await client.close(false)
      throw isolated(toKafkaError(error), events.length)
    }
    return resultOf(failures)
  }

  async #connected(signal: AbortSignal): Promise<Connection> {
    this.#connection ??= await this.#open(signal)
    return this.#connection
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    const hashOf = await loadPartitionHash()
    const client = await KafkaClient.create(this.#config)
    try {
      const timeoutMs = 2 * this.#config.connectTimeoutMs
      await withDeadline(() => client.connect(), { signal, timeoutMs, what: 'Kafka: connecting' })
      return { client, hashOf }
    } catch (error) {
      await client.close(false)
      throw toKafkaError(error)
    }
  }
}

/** Of several events the broker does not say which it refused; of one there is no doubt. */
function isolated(error: EdsError, events: number): EdsError {
  if (error.code !== 'record' || events > 1) return error
  return new EdsError('record', error.message, { cause: error, index: 0, ...(error.fix && { fix: error.fix }) })
}

function resultOf(failures: readonly WriteFailure[]): WriteResult {
  return failures.length === 0 ? written : { failures }
}
