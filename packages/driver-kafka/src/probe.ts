import { type ConnectionProbe, EdsError, type ProbeReport, withDeadline } from '@eds/core'
import { inspectCluster } from './client.js'
import type { KafkaConfig } from './config.js'
import { toKafkaError } from './errors.js'

/** Looks whether the cluster answers and the topic is there, on a connection of its own. Sends nothing and makes no topic. */
export class Probe implements ConnectionProbe {
  readonly #config: KafkaConfig

  constructor(config: KafkaConfig) {
    this.#config = config
  }

  async test(signal: AbortSignal): Promise<ProbeReport> {
    const { topic, create, connectTimeoutMs, requestTimeoutMs } = this.#config
    const end = new AbortController()
    const timeoutMs = connectTimeoutMs + requestTimeoutMs
    try {
      const inspect = () => inspectCluster(this.#config, topic, end.signal)
      const { brokers, partitions } = await withDeadline(inspect, { signal, timeoutMs, what: 'Kafka: testing' })
      const cluster = `Kafka cluster of ${brokers} ${brokers === 1 ? 'broker' : 'brokers'}`
      if (topic.includes('{table}')) return { summary: `${cluster}, topics "${topic}"`, warnings: [] }
      if (partitions > 0) return { summary: `${cluster}, topic "${topic}" with ${partitions} partitions`, warnings: [] }
      if (!create) throw missingTopic(topic)
      const warning = `topic "${topic}" does not exist; the broker makes it with the first event if auto.create.topics.enable is on`
      return { summary: `${cluster}, topic "${topic}"`, warnings: [warning] }
    } catch (error) {
      throw toKafkaError(error)
    } finally {
      end.abort()
    }
  }
}

function missingTopic(topic: string): EdsError {
  const fix = 'create it, correct its name, or leave out ?create=false'
  return new EdsError('configuration', `Kafka: there is no topic "${topic}"`, { fix })
}
