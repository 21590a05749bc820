import { type ConnectionProbe, type Driver, EdsError, type EventBatch, type WriteResult, written } from '@eds/core'
import { type PubsubConfig, topicPath } from './config.js'
import { Connection } from './connection.js'
import { toPubsubError, toSetupError } from './errors.js'
import { type PublishRequest, planRequests } from './plan.js'
import { Probe } from './probe.js'
import { ensureTopic } from './topic.js'

/** Publishes events to a topic. */
export class PubsubDriver implements Driver {
  readonly probe: ConnectionProbe
  readonly #config: PubsubConfig
  readonly #topic: string
  #connection: Connection | undefined

  constructor(config: PubsubConfig) {
    this.#config = config
    this.#topic = topicPath(config)
    this.probe = new Probe(config)
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    try {
      const connection = await Connection.open(this.#config, signal)
      this.#connection = connection
      await ensureTopic(connection, this.#config, signal)
    } catch (error) {
      await this.close()
      throw toSetupError(error, this.#topic)
    }
  }

  async write({ events }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const connection = this.#connection
    if (connection === undefined) throw new EdsError('connection', 'the Pub/Sub driver is not connected')
    const { lanes, failures } = planRequests(events, this.#topic, this.#config)
    try {
      await publishLanes(connection, lanes, signal)
    } catch (error) {
      throw toPubsubError(error, this.#topic)
    }
    return failures.length === 0 ? written : { failures }
  }

  async close(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    await connection?.close()
  }
}

/**
 * After a failure no further request begins. Settles when none is under way any more, so that what comes again cannot be overtaken by
 * what was sent before; rejects with the first failure.
 */
async function publishLanes(
  connection: Connection,
  lanes: readonly (readonly PublishRequest[])[],
  signal: AbortSignal,
): Promise<void> {
  const failures: unknown[] = []
  const publishLane = async (requests: readonly PublishRequest[]): Promise<void> => {
    for (const request of requests) {
      if (failures.length > 0) return
      await connection.publish(request, signal)
    }
  }
  await Promise.all(lanes.map((lane) => publishLane(lane).catch((error: unknown) => void failures.push(error))))
  if (failures.length > 0) throw failures[0]
}
