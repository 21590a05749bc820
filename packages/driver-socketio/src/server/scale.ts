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
    await Promise.all([closeClient(publisher), closeClient(subscriber)])
  }
  try {
    await publisher.connect()
    await subscriber.connect()
  } catch (error) {
    await close()
    throw error
  }
  started = true
  quieten(publisher, 'publish')
  for (const name of ['unsubscribe', 'pUnsubscribe'] as const) quieten(subscriber, name)
  return { adapter: createAdapter(publisher, subscriber), close }
}

/**
 * The adapter leaves rejections of these calls unhandled, which would end the process while Redis is away. The client's `error` event
 * has told already.
 */
function quieten<Name extends string>(
  client: Readonly<Record<Name, (...values: never[]) => Promise<unknown>>>,
  name: Name,
): void {
  const call = client[name].bind(client)
  Object.defineProperty(client, name, { value: (...values: never[]) => call(...values).catch(() => {}) })
}

/** Lets the client finish, since the adapter does not wait for its last commands. */
async function closeClient(client: {
  readonly isOpen: boolean
  readonly isReady: boolean
  close(): Promise<void>
  destroy(): void
}): Promise<void> {
  if (client.isReady) await client.close()
  else if (client.isOpen) client.destroy()
}
