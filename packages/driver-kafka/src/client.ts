import { withDeadline } from '@eds/core'
import type { Admin, KafkaConfig as ClientOptions, Kafka, Producer, SASLOptions } from 'kafkajs'
import { loadCodec } from './codecs.js'
import { brokersOf, type KafkaConfig } from './config.js'
import type { KafkaRecord } from './encode.js'
import { loginOf, readTls } from './login.js'
import type { RequestRecords } from './requests.js'
import { Sockets } from './sockets.js'

/** Enough for a topic to be made and its leaders elected; everything longer is the pipeline's to retry. */
const retry = { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 }
const closeTimeoutMs = 2_000

/** What a cluster says about itself. */
export interface ClusterReport {
  readonly brokers: number
  /** Of the topic that was asked for; 0 when it does not exist. */
  readonly partitions: number
}

/**
 * A connection to a cluster that sends records. The only file that knows the client library.
 *
 * Made for one failure only: after a send that failed or was given up, close it and open another. The library takes back the
 * sequence numbers of all partitions when one of them failed, so that what is sent next under the same producer could pass for a
 * repetition and be dropped by the broker (https://kafka.apache.org/documentation/#design_semantics).
 */
export class KafkaClient {
  readonly #config: KafkaConfig
  readonly #sockets: Sockets
  readonly #producer: Producer
  readonly #compression: number
  readonly #partitions = new Map<string, number>()

  private constructor(config: KafkaConfig, kafka: Kafka, sockets: Sockets, compression: number) {
    this.#config = config
    this.#sockets = sockets
    this.#compression = compression
    this.#producer = kafka.producer({
      idempotent: true,
      // More than one would let a later request overtake one that is tried again.
      maxInFlightRequests: 1,
      allowAutoTopicCreation: config.create,
      retry,
      createPartitioner: () => (input) => this.#partitionOf(input),
    })
  }

  /** Does not connect yet. */
  static async create(config: KafkaConfig): Promise<KafkaClient> {
    const sockets = new Sockets()
    const kafka = await openLibrary(config, sockets)
    return new KafkaClient(config, kafka, sockets, await compressionType(config.compression))
  }

  async connect(): Promise<void> {
    await this.#producer.connect()
  }

  /** How many partitions a topic has, as far as known: one, which is always safe, before anything was sent to it. */
  partitionsOf(topic: string): number {
    return this.#partitions.get(topic) ?? 1
  }

  /** Resolves when all replicas that are in sync have the records. */
  async send(request: RequestRecords): Promise<void> {
    const topicMessages = [...request].map(([topic, records]) => ({ topic, messages: [...records] }))
    const { requestTimeoutMs: timeout } = this.#config
    await this.#producer.sendBatch({ topicMessages, acks: -1, timeout, compression: this.#compression })
  }

  /** Ends at once what is under way, otherwise says goodbye. Does not throw. */
  async close(graceful: boolean): Promise<void> {
    if (graceful) await sayGoodbye(this.#producer)
    this.#sockets.destroy()
  }

  #partitionOf({ topic, partitionMetadata, message }: PartitionerInput): number {
    const { length } = partitionMetadata
    this.#partitions.set(topic, length)
    return (message as KafkaRecord).hash % length
  }
}

interface PartitionerInput {
  readonly topic: string
  readonly partitionMetadata: readonly unknown[]
  readonly message: unknown
}

/** Asks a cluster on a connection of its own. Makes no topic. */
export async function inspectCluster(config: KafkaConfig, topic: string, signal: AbortSignal): Promise<ClusterReport> {
  const sockets = new Sockets()
  const giveUp = () => sockets.destroy()
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    const admin = (await openLibrary(config, sockets)).admin({ retry })
    await admin.connect()
    const report = await inspect(admin, topic)
    await sayGoodbye(admin)
    return report
  } finally {
    signal.removeEventListener('abort', giveUp)
    sockets.destroy()
  }
}

async function inspect(admin: Admin, topic: string): Promise<ClusterReport> {
  const { brokers } = await admin.describeCluster()
  if (!(await admin.listTopics()).includes(topic)) return { brokers: brokers.length, partitions: 0 }
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  return { brokers: brokers.length, partitions: topics[0]?.partitions.length ?? 0 }
}

async function openLibrary(config: KafkaConfig, sockets: Sockets): Promise<Kafka> {
  const { Kafka: Library, logLevel } = await loadLibrary()
  const ssl = await readTls(config)
  const sasl = loginOf(config)
  const options: ClientOptions = {
    brokers: brokersOf(config),
    clientId: config.clientId,
    connectionTimeout: config.connectTimeoutMs,
    authenticationTimeout: config.connectTimeoutMs,
    requestTimeout: config.requestTimeoutMs,
    retry,
    socketFactory: sockets.open,
    // Its errors come as exceptions, and its log lines may quote what was sent.
    logLevel: logLevel.NOTHING,
    logCreator: () => () => {},
    ...(ssl && { ssl }),
    ...(sasl && { sasl: sasl as SASLOptions }),
  }
  return new Library(options)
}

/** Loaded on first use, so that listing drivers stays quick. */
async function loadLibrary(): Promise<typeof import('kafkajs')> {
  const library = await import('kafkajs')
  return library.default
}

async function compressionType(compression: KafkaConfig['compression']): Promise<number> {
  const { CompressionCodecs, CompressionTypes } = await loadLibrary()
  const { None, GZIP, Snappy, LZ4, ZSTD } = CompressionTypes
  const type = { none: None, gzip: GZIP, snappy: Snappy, lz4: LZ4, zstd: ZSTD }[compression]
  const codec = await loadCodec(compression)
  if (codec !== undefined) Object.assign(CompressionCodecs, { [type]: codec })
  return type
}

async function sayGoodbye(client: { disconnect(): Promise<void> }): Promise<void> {
  await withDeadline(() => client.disconnect(), { timeoutMs: closeTimeoutMs, what: 'Kafka' }).catch(() => {})
}
