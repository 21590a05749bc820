import { endpointOf } from './endpoint.js'
import { exchange } from './exchange.js'
import { aptInstaller } from './install.js'
import { findExecutable } from './machine.js'
import type { Endpoint, ProbeResult, ServiceDefinition } from './service-definition.js'

/** Redis, in memory only. */
export const redis: ServiceDefinition = {
  name: 'redis',
  title: 'Redis',
  environmentVariable: 'EDS_TEST_REDIS_URL',
  required: false,
  port: 26379,
  url: (port) => `redis://127.0.0.1:${port}`,
  endpoint: (url) => endpointOf(url, ['redis', 'rediss'], 6379),
  probe,
  native: {
    find: () => findExecutable('redis-server', ['/usr/bin']),
    installer: aptInstaller(['redis-server']),
    prepare: async () => {},
    command: ({ executable, folder, port, extraArguments }) => ({
      file: executable,
      args: [
        ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder],
        ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
        ...extraArguments,
      ],
    }),
    stopSignal: 'SIGTERM',
    startTimeoutMs: 30_000,
  },
}

/** An inline command, which needs no login to be understood: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
async function probe(endpoint: Endpoint, timeoutMs: number): Promise<ProbeResult> {
  const question = { send: Buffer.from('PING\r\n'), complete: (received: Buffer) => received.includes('\r\n') }
  const answer = await exchange(endpoint, question, timeoutMs)
  return answer.connected ? classifyRedisAnswer(answer.bytes.toString()) : { state: 'closed' }
}

/** The answer to `PING` → what it says about the server. */
export function classifyRedisAnswer(line: string): ProbeResult {
  if (line.startsWith('+PONG\r\n') || line.startsWith('-NOAUTH ')) return { state: 'ready' }
  if (line.startsWith('-LOADING ')) return { state: 'starting' }
  return { state: 'unsuitable', reason: 'what answers is not Redis' }
}
