import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endpointOf } from './endpoint.js'
import { goTool } from './install.js'
import { cacheFolder, isExecutable } from './machine.js'
import { probePubsub } from './pubsub-probe.js'
import { runCommand } from './run-command.js'
import type { Installer, ServiceDefinition } from './service-definition.js'

const sources = fileURLToPath(new URL('../go/pubsub-fake', import.meta.url))
const buildTimeoutMs = 15 * 60_000

/** Google's in-memory Pub/Sub server for tests (`pstest`), as a small program of ours. What it holds ends with it. */
export const pubsub: ServiceDefinition = {
  name: 'pubsub',
  title: 'Google Cloud Pub/Sub (pstest)',
  environmentVariable: 'EDS_TEST_PUBSUB_URL',
  required: false,
  port: 25085,
  url: (port) => `pubsub://127.0.0.1:${port}`,
  endpoint: (url) => endpointOf(url, ['pubsub'], 443),
  probe: probePubsub,
  native: {
    find: () => (isExecutable(executable()) ? executable() : undefined),
    installer: sourceInstaller(),
    prepare: async () => {},
    command: ({ executable, port, extraArguments }) => ({
      file: executable,
      args: ['-port', String(port), ...extraArguments],
    }),
    stopSignal: 'SIGTERM',
    startTimeoutMs: 30_000,
  },
}

/** Named by what it is built from, so that a change of the sources is built anew. */
function executable(): string {
  const digest = createHash('sha256')
  for (const file of ['go.mod', 'go.sum', 'main.go']) digest.update(readFileSync(join(sources, file)))
  return join(cacheFolder(), `pubsub-fake-${digest.digest('hex').slice(0, 12)}`, 'pubsub-fake')
}

function sourceInstaller(): Installer {
  return {
    label: 'go build tools/services/go/pubsub-fake',
    available: () => goTool() !== undefined,
    run: async () => {
      const target = executable()
      await mkdir(join(target, '..'), { recursive: true })
      await runCommand(
        { file: goTool() ?? 'go', args: ['build', '-trimpath', '-o', target, '.'] },
        { environment: { GOFLAGS: '', CGO_ENABLED: '0' }, timeoutMs: buildTimeoutMs, folder: sources },
      )
    },
  }
}
