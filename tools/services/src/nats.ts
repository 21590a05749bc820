import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { endpointOf } from './endpoint.js'
import { exchange } from './exchange.js'
import { goInstaller } from './install.js'
import { cacheFolder, findExecutable } from './machine.js'
import type { Endpoint, ProbeResult, ServiceDefinition } from './service-definition.js'

const pinnedVersion = '2.15.2'
/** Consumers with several filter subjects came with 2.10. */
const oldestVersion = [2, 10] as const
const buildFolder = () => join(cacheFolder(), `nats-server-${pinnedVersion}`)

/** NATS with JetStream. */
export const nats: ServiceDefinition = {
  name: 'nats',
  title: 'NATS JetStream',
  environmentVariable: 'EDS_TEST_NATS_URL',
  required: true,
  port: 24222,
  url: (port) => `nats://127.0.0.1:${port}`,
  endpoint: (url) => endpointOf(url, ['nats', 'tls'], 4222),
  probe,
  native: {
    find,
    installer: goInstaller(`github.com/nats-io/nats-server/v2@v${pinnedVersion}`, buildFolder()),
    prepare: async () => {},
    command: ({ executable, folder, port, extraArguments }) => ({
      file: executable,
      args: ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', join(folder, 'data'), ...extraArguments],
    }),
    stopSignal: 'SIGTERM',
    startTimeoutMs: 30_000,
  },
}

function find(): string | undefined {
  const built = findExecutable('nats-server', [buildFolder()])
  if (!built || built.startsWith(buildFolder())) return built
  const version = execFileSync(built, ['--version'], { encoding: 'utf8' }).match(/\d+\.\d+/)?.[0] ?? ''
  return isNewEnough(version) ? built : undefined
}

/** `2.9.10` → false, `2.10.0` and `3.0` → true. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > oldestVersion[0] || (major === oldestVersion[0] && minor >= oldestVersion[1])
}

/** The server speaks first: https://docs.nats.io/reference/reference-protocols/nats-protocol#info */
async function probe(endpoint: Endpoint, timeoutMs: number): Promise<ProbeResult> {
  const answer = await exchange(endpoint, { complete: (received) => received.includes('\r\n') }, timeoutMs)
  if (!answer.connected) return { state: 'closed' }
  return classifyNatsAnswer(answer.bytes.toString())
}

/** The server's `INFO` line → what it says about the server. */
export function classifyNatsAnswer(line: string): ProbeResult {
  const info = parseInfo(line)
  if (!info) return { state: 'unsuitable', reason: 'what answers is not NATS' }
  const { version = '', jetstream } = info
  if (!isNewEnough(version)) {
    return { state: 'unsuitable', reason: `NATS ${version} answers; ${oldestVersion.join('.')} or newer is needed` }
  }
  if (jetstream !== true)
    return { state: 'unsuitable', reason: 'NATS answers, but without JetStream (start it with -js)' }
  return { state: 'ready', version }
}

function parseInfo(line: string): { version?: string; jetstream?: boolean } | undefined {
  if (!line.startsWith('INFO {')) return undefined
  try {
    return JSON.parse(line.slice('INFO '.length, line.indexOf('\r\n')))
  } catch {
    return undefined
  }
}
