import { type Logger, withDeadline } from '@eds/core'
import type { ServerOptions } from 'socket.io'
import type { SocketioConfig } from '../config.js'

/** What connects this server with others. */
export interface ScaleOut {
  readonly adapter: NonNullable<ServerOptions['adapter']>
  /** To be called when the adapter has been made: resolves when it hears the other servers, rejects with what Redis says. */
  ready(): Promise<void>
  close(): Promise<void>
}

/** Longest time that a good-bye to Redis may take. */
const closeMs = 1_000

type ScaleConfig = Pick<SocketioConfig, 'adapter' | 'redisUrl' | 'timeoutMs'>

/** Loads and connects the official adapter that the configuration names; `undefined`: there is one server only. */
export async function connectAdapter(
  config: ScaleConfig,
  logger: Logger,
  signal: AbortSignal,
): Promise<ScaleOut | undefined> {
  if (config.adapter === 'redis') return connectRedis(config, logger, signal)
  if (config.adapter === 'none') return undefined
  const { createAdapter } = await import('@socket.io/cluster-adapter')
  return { adapter: createAdapter(), ready: async () => {}, close: async () => {} }
}

async function connectRedis(
  { redisUrl: url = '', timeoutMs }: ScaleConfig,
  logger: Logger,
  signal: AbortSignal,
): Promise<ScaleOut> {
  const [{ createClient, ErrorReply }, { createAdapter }] = await Promise.all([
    import('redis'),
    import('@socket.io/redis-adapter'),
  ])
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
  const deadline = { signal, timeoutMs, what: `socket.io: Redis (${new URL(url).host})` }
  const close = async () => {
    await Promise.all([closeClient(publisher), closeClient(subscriber)])
  }
  try {
    await withDeadline(() => Promise.all([publisher.connect(), subscriber.connect()]), deadline)
  } catch (error) {
    await close()
    throw error
  }
  started = true
  const refusals = new Set<string>()
  // Of what fails otherwise, the client's `error` event has told already.
  const tell = (error: unknown) => {
    if (!(error instanceof ErrorReply) || refusals.has(error.message)) return
    refusals.add(error.message)
    logger.warn({ reason: error.message }, 'Redis refuses what other servers should get')
  }
  intercept(publisher, 'publish', (answer) => answer.catch(tell))
  for (const name of ['unsubscribe', 'pUnsubscribe'] as const) intercept(subscriber, name, () => {})
  const subscriptions: Promise<unknown>[] = []
  for (const name of ['subscribe', 'pSubscribe'] as const)
    intercept(subscriber, name, (answer) => subscriptions.push(answer))
  return {
    adapter: createAdapter(publisher, subscriber),
    // A subscription that was answered is the client's to renew; the adapter asks once.
    ready: async () => {
      await withDeadline(() => Promise.all(subscriptions), deadline)
    },
    close,
  }
}

/** The adapter waits for no answer, and a rejection would end the process: `onAnswer` gets each. */
function intercept<Name extends string>(
  client: Readonly<Record<Name, (...values: never[]) => Promise<unknown>>>,
  name: Name,
  onAnswer: (answer: Promise<unknown>) => void,
): void {
  const call = client[name].bind(client)
  const value = (...values: never[]) => {
    const answer = call(...values)
    answer.catch(() => {})
    onAnswer(answer)
    return answer
  }
  Object.defineProperty(client, name, { value })
}

/** Lets the client finish, since the adapter does not wait for its last commands: they are answered in order. */
async function closeClient(client: {
  readonly isOpen: boolean
  readonly isReady: boolean
  ping(): Promise<unknown>
  destroy(): void
}): Promise<void> {
  if (client.isReady) await withDeadline(() => client.ping(), { timeoutMs: closeMs, what: 'closing' }).catch(() => {})
  if (client.isOpen) client.destroy()
}
