import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { memoryState, parseSinkUrl, systemClock } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { expect, it, onTestFinished, vi } from 'vitest'
import pubsub from '../src/index.js'
import { serverAddress } from './server-address.js'

const server = await requireService('pubsub')
const { endpoint, project } = serverAddress(server.url)

/** In place of the metadata server of Google Cloud: tells what it was asked, and knows nothing. */
async function metadataServer(): Promise<{ address: string; asked: string[] }> {
  const asked: string[] = []
  const metadata = createServer(({ url = '' }, response) => {
    asked.push(url)
    response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => metadata.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void metadata.close())
  return { address: `127.0.0.1:${(metadata.address() as AddressInfo).port}`, asked }
}

server.describe('an emulator', () => {
  it('is used without looking for credentials anywhere', async () => {
    const { address, asked } = await metadataServer()
    for (const [name, value] of Object.entries({
      GCE_METADATA_HOST: address,
      GOOGLE_APPLICATION_CREDENTIALS: '',
      CLOUDSDK_CONFIG: '/nowhere',
      HOME: '/nowhere',
    })) {
      vi.stubEnv(name, value)
    }
    onTestFinished(() => void vi.unstubAllEnvs())
    const logger = { debug() {}, info() {}, warn() {}, error() {} }
    const runtime = { logger, clock: systemClock, random: Math.random, metrics: { count() {} }, state: memoryState() }
    const config = parseSinkUrl(pubsub, `pubsub://${project}/eds-emulator?endpoint=${endpoint}&create=true`)
    const driver = pubsub.create(config, { sink: 'test', session: 'test', ...runtime })
    await driver.connect(new AbortController().signal)
    await driver.close()
    expect(asked).toEqual([])
  })
})
