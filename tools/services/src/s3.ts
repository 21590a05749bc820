import { statfsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { endpointOf } from './endpoint.js'
import { goInstaller } from './install.js'
import { cacheFolder, findExecutable } from './machine.js'
import type { Endpoint, ProbeResult, ServiceDefinition } from './service-definition.js'

const pinnedVersion = '1.8.0'
const buildFolder = () => join(cacheFolder(), `versitygw-${pinnedVersion}`)
/** The one account that the server knows; the same in `docker-compose.yml`. */
const account = { key: 'eds-test', secret: 'eds-test-secret' }
const loopback = /^(?:localhost|127\.[\d.]+|::1)$/

/**
 * An S3 server: Versity's gateway, which keeps objects as files. Any other that speaks S3 can be named by the environment variable,
 * `s3://host:port/bucket?region=…&access-key-id=…&secret-access-key=…` (TLS unless it is this machine).
 */
export const s3: ServiceDefinition = {
  name: 's3',
  title: 'S3 (Versity gateway)',
  environmentVariable: 'EDS_TEST_S3_URL',
  required: true,
  port: 29010,
  url: (port) =>
    `s3://127.0.0.1:${port}/eds-test?region=us-east-1&access-key-id=${account.key}&secret-access-key=${account.secret}`,
  endpoint: (url) => endpointOf(url, ['s3'], 443),
  probe,
  native: {
    find: () => findExecutable('versitygw', [buildFolder()]),
    installer: goInstaller(`github.com/versity/versitygw/cmd/versitygw@v${pinnedVersion}`, buildFolder()),
    prepare: async ({ folder }) => {
      for (const part of ['buckets', 'objects', 'metadata']) await mkdir(join(folder, part), { recursive: true })
    },
    command: ({ executable, folder, port, extraArguments }) => ({
      file: executable,
      args: [
        ...['--access', account.key, '--secret', account.secret, '--port', `127.0.0.1:${port}`],
        ...['--region', 'us-east-1', '--keep-alive', '--quiet', ...extraArguments],
        ...['posix', ...storage(folder)],
      ],
    }),
    stopSignal: 'SIGTERM',
    startTimeoutMs: 30_000,
  },
}

/** Magic numbers of statfs(2): ext4, XFS, Btrfs. */
const withAttributes = [0xef53, 0x58465342, 0x9123683e]

/**
 * Metadata in extended attributes, or in files of its own where the file system may not have them, as in some containers: that is
 * three more files for every object.
 */
function storage(folder: string): string[] {
  if (withAttributes.includes(statfsSync(folder).type)) return [join(folder, 'buckets')]
  return ['--sidecar', join(folder, 'metadata'), join(folder, 'objects')]
}

/** Without signature every S3 server refuses, in XML of its own (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). */
async function probe({ host, port }: Endpoint, timeoutMs: number): Promise<ProbeResult> {
  const scheme = loopback.test(host) ? 'http' : 'https'
  const name = host.includes(':') ? `[${host}]` : host
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const answer = await fetch(`${scheme}://${name}:${port}/eds-services-probe`, { redirect: 'manual', signal })
    return classifyS3Answer(await answer.text())
  } catch (error) {
    return isRefused(error) ? { state: 'closed' } : classifyS3Answer('')
  }
}

function isRefused(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
}

/** The body that came back for a request without signature → what it says about the server. */
export function classifyS3Answer(body: string): ProbeResult {
  const code = /<Error>.*<Code>(\w+)<\/Code>/s.exec(body)?.[1]
  if (code === undefined) return { state: 'unsuitable', reason: 'what answers is not S3' }
  return /^(?:SlowDown|ServiceUnavailable|XMinioServerNotInitialized)$/.test(code)
    ? { state: 'starting' }
    : { state: 'ready' }
}
