import type { Logger } from '@eds/core'
import type { ServerOptions } from 'socket.io'
import type { SocketioConfig } from '../config.js'

/** What connects this server with others. */
export interface ScaleOut {
  readonly adapter: NonNullable<ServerOptions['adapter']>
  close(): Promise<void>
}

/** Loads and connects the official adapter that the configuration names; `undefined`: there is one server only. */
export async function connectAdapter(
  { adapter, redisUrl = '' }: Pick<SocketioConfig, 'adapter' | 'redisUrl'>,
  logger: Logger,
): Promise<ScaleOut | undefined> {
  if (adapter === 'redis') return connectRedis(redisUrl, logger)
  if (adapter === 'none') return undefined
  const { createAdapter } = await import('@socket.io/cluster-adapter')
  return { adapter: createAdapter(), close: async () => {} }
}

/** How long a server may take to answer what is under way when it is closed. */
const maxCloseMs = 1_000

async function connectRedis(url: string, logger: Logger): Promise<ScaleOut> {
  const [{ createClient }, { createAdapter }] = await Promise.all([import('redis'), import('@socket.io/redis-adapter')])
  let started = false
  const open = () => {
    const reconnectStrategy = (attempts: number) => started && Math.min(attempts * 100, 2_000)
    // What cannot be sent now is of no use later, and must not pile up.
    const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy } })
    client.on('error', (error: Error) => started && logger.warn({ reason: error.message }, 'Redis cannot be reached'))
    return client
  }
  const publisher = open()
  const subscriber = open()
  const close = async () => {
    await Promise.all([publisher, subscriber].map((client) => closeClient(client)))
  }
  try {
    await publisher.connect()
    await subscriber.connect()
  } catch (error) {
    await close()
    throw error
  }
  started = true
  // The adapter leaves rejections unhandled, which would end the process. The client's `error` event has told already.
  const publish = publisher.publish.bind(publisher)
  const quietly = (channel: string, message: Buffer) => publish(channel, message).catch(() => 0)
  Object.defineProperty(publisher, 'publish', { value: quietly })
  return { adapter: createAdapter(publisher, subscriber), close }
}

/** Lets the client finish, since the adapter does not wait for its last commands either; but not for long. */
async function closeClient(client: { isOpen: boolean; close(): Promise<void>; destroy(): void }): Promise<void> {
  if (!client.isOpen) return
  const timer = setTimeout(() => client.destroy(), maxCloseMs)
  await client.close().catch(() => {})
  clearTimeout(timer)
}
