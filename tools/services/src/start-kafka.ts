import { kafkaOf, kafkaVersion } from './kafka.js'
import { type PrivateServer, startPrivately } from './private-server.js'

/** Options of a private Kafka broker. */
export interface KafkaOptions {
  /** Apache Kafka's version, when it is not to be that of the shared broker; it is installed when it is missing. */
  readonly version?: string
  /** Broker settings over ours, by name: `{'auto.create.topics.enable': 'false'}`. */
  readonly properties?: Readonly<Record<string, string>>
}

/** Starts a throw-away broker with four partitions per topic; takes about five seconds. Rejects with the end of its log. */
export function startKafka({ version = kafkaVersion, properties = {} }: KafkaOptions = {}): Promise<PrivateServer> {
  const overrides = Object.entries(properties).flatMap(([name, value]) => ['--override', `${name}=${value}`])
  return startPrivately(kafkaOf(version), async () => overrides)
}
