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
  const clients = [0, 1].map(() =>
    createClient({ url, socket: { reconnectStrategy: (attempts) => started && Math.min(attempts * 100, 2_000) } }),
  )
  const [publisher, subscriber] = clients
  for (const client of clients) {
    client.on('error', (error: Error) => started && logger.warn({ reason: error.message }, 'Redis cannot be reached'))
  }
  const close = async () => {
    for (const client of clients) if (client.isOpen) client.destroy()
  }
  try {
    for (const client of clients) await client.connect()
  } catch (error) {
    await close()
    throw error
  }
  started = true
  return { adapter: createAdapter(publisher, subscriber), close }
}
