import type { ConnectionProbe, ProbeReport } from '@eds/core'
import { type PubsubConfig, topicPath } from './config.js'
import { Connection } from './connection.js'
import { hasStatus, toSetupError } from './errors.js'

const notFound = 5
const permissionDenied = 7

/** Looks for the topic on a connection of its own. Creates nothing and sends nothing. */
export class Probe implements ConnectionProbe {
  readonly #config: PubsubConfig

  constructor(config: PubsubConfig) {
    this.#config = config
  }

  async test(signal: AbortSignal): Promise<ProbeReport> {
    const topic = topicPath(this.#config)
    let connection: Connection | undefined
    try {
      connection = await Connection.open(this.#config, signal)
      await connection.getTopic(signal)
      return { summary: `Pub/Sub topic ${topic}`, warnings: [] }
    } catch (error) {
      const warning = this.#warningFor(error)
      if (warning === undefined) throw toSetupError(error, topic)
      return { summary: `Pub/Sub answers, topic ${topic}`, warnings: [warning] }
    } finally {
      await connection?.close()
    }
  }

  #warningFor(error: unknown): string | undefined {
    if (hasStatus(error, notFound) && this.#config.create) return 'the topic is not there yet; it will be created'
    if (!hasStatus(error, permissionDenied)) return undefined
    return 'the account may not look at the topic (roles/pubsub.viewer); whether it may publish shows with the first event'
  }
}
