import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { endpointOf } from './endpoint.js'
import { exchange } from './exchange.js'
import { cacheFolder, findExecutable } from './machine.js'
import { runCommand } from './run-command.js'
import type { Endpoint, Installer, Instance, ProbeResult, ServiceDefinition } from './service-definition.js'

/** The broker of the shared service. */
export const kafkaVersion = '4.1.0'
/** Any identifier will do; it only has to stay the same for a data folder. */
const clusterId = 'MkU3OEVBNTcwNTJENDM2Qk'

/** Apache Kafka of a version: one node that is broker and controller (KRaft). Versions 3.9 and 4 are known to work. */
export function kafkaOf(version: string): ServiceDefinition {
  return {
    name: 'kafka',
    title: 'Apache Kafka',
    environmentVariable: 'EDS_TEST_KAFKA_URL',
    required: true,
    port: 29092,
    url: (port) => `kafka://127.0.0.1:${port}`,
    endpoint: (url) => endpointOf(url, ['kafka'], 9092),
    probe,
    native: {
      find: () => (existsSync(installedMark(version)) ? findExecutable('java') : undefined),
      installer: mavenInstaller(version),
      prepare: (instance) => prepare(instance, version),
      command: ({ executable, folder, port, extraArguments }) => ({
        file: executable,
        // The port has no meaning here; it lets the process be found.
        args: [
          ...javaArguments(version),
          `-Deds.port=${port}`,
          'kafka.Kafka',
          propertiesFile(folder),
          ...extraArguments,
        ],
      }),
      stopSignal: 'SIGTERM',
      startTimeoutMs: 60_000,
    },
  }
}

export const kafka = kafkaOf(kafkaVersion)

/** Folder with the jars of a version, the command-line tools among them; there once {@link kafkaOf} is installed. */
export function kafkaJars(version = kafkaVersion): string {
  return join(cacheFolder(), `kafka-${version}`, 'lib')
}

/** Written last: an installation that was cut short is made again. */
function installedMark(version: string): string {
  return join(kafkaJars(version), 'complete')
}

function propertiesFile(folder: string): string {
  return join(folder, 'server.properties')
}

function javaArguments(version: string): string[] {
  const logging = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  return ['-Xms128m', '-Xmx512m', '-XX:+ExitOnOutOfMemoryError', logging, '-cp', join(kafkaJars(version), '*')]
}

function mavenInstaller(version: string): Installer {
  return {
    label: `mvn dependency:copy-dependencies (org.apache.kafka:kafka_2.13:${version})`,
    available: () => findExecutable('mvn') !== undefined && findExecutable('java') !== undefined,
    run: async () => {
      const folder = kafkaJars(version)
      await mkdir(folder, { recursive: true })
      const pom = join(folder, 'pom.xml')
      await writeFile(pom, projectOf(version))
      const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`]
      await runCommand({ file: 'mvn', args: ['-q', '-B', '-f', pom, ...goal] }, { timeoutMs: 15 * 60_000 })
      await writeFile(installedMark(version), '')
    },
  }
}

/** A project whose only purpose is its dependencies: the broker, its tools and something that prints the log. */
function projectOf(version: string): string {
  const dependencies = [
    ['org.apache.kafka', 'kafka_2.13', version],
    ['org.apache.kafka', 'kafka-tools', version],
    ['org.slf4j', 'slf4j-simple', '1.7.36'],
  ].map(
    ([group, artifact, pinned]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${pinned}</version></dependency>`,
  )
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>eds</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('\n')}</dependencies>
</project>
`
}

async function prepare({ executable, folder, port }: Instance, version: string): Promise<void> {
  await writeFile(propertiesFile(folder), propertiesOf(folder, port))
  const tool = ['kafka.tools.StorageTool', 'format', '--ignore-formatted']
  const args = [...javaArguments(version), ...tool, '-t', clusterId, '-c', propertiesFile(folder)]
  if (existsSync(join(folder, 'data', 'meta.properties'))) return
  await runCommand({ file: executable, args }, { timeoutMs: 60_000, folder })
}

/**
 * A test changes single lines with `--override name=value`. The controller listens on another loopback address, where the ports
 * are ours alone, and on the next port, because Kafka refuses the same.
 */
function propertiesOf(folder: string, port: number): string {
  const controller = `127.0.0.2:${port + 1}`
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    listeners: `CLIENT://127.0.0.1:${port},CONTROLLER://${controller}`,
    'advertised.listeners': `CLIENT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': `1@${controller}`,
    'log.dirs': join(folder, 'data'),
    'num.partitions': '4',
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // A broker that was killed may only come back when its last session has ended.
    'broker.session.timeout.ms': '2000',
    'broker.heartbeat.interval.ms': '500',
    'log.cleaner.dedupe.buffer.size': String(16 * 2 ** 20),
  }
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

const correlation = 0x656473

/** Asks for the API versions, which every broker tells before authentication: https://kafka.apache.org/protocol#The_Messages_ApiVersions */
async function probe(endpoint: Endpoint, timeoutMs: number): Promise<ProbeResult> {
  const send = Buffer.alloc(14)
  send.writeInt32BE(10, 0)
  send.writeInt16BE(18, 4)
  send.writeInt32BE(correlation, 8)
  send.writeInt16BE(-1, 12)
  const complete = (received: Buffer) => received.length >= 4 && received.length >= 4 + received.readUInt32BE(0)
  const answer = await exchange(endpoint, { send, complete }, timeoutMs)
  return answer.connected ? classifyKafkaAnswer(answer.bytes) : { state: 'closed' }
}

/** The answer to the request for API versions → what it says about the server. */
export function classifyKafkaAnswer(bytes: Buffer): ProbeResult {
  const isKafka = bytes.length >= 14 && bytes.readInt32BE(4) === correlation && bytes.readInt16BE(8) === 0
  return isKafka ? { state: 'ready' } : { state: 'unsuitable', reason: 'what answers is not Kafka' }
}
