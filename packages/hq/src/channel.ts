import { randomUUID } from 'node:crypto'
import { EdsError, maskUrl } from '@eds/core'
import type { ConnectionOptions, NatsConnection } from 'nats'
import { toMsgpack } from './answer.js'
import type { Channel, ChannelOptions } from './channel-types.js'
import { channelError, isRefusal } from './nats-errors.js'
import { Receiver } from './receiver.js'

type Nats = typeof import('nats')

const closeLimitMs = 2_000

/**
 * Opens a session's line to HQ: notifications come in, answers and heartbeats go out. It needs no rights besides
 * `eds.notify.<sessionId>.>`, `eds.client.<sessionId>.>` and `_INBOX.>`, and reconnects by itself for ever, which it logs once.
 *
 * Rejects with `EdsError`: `connection` when no server can be reached, `authentication` when it refuses the credentials.
 */
export async function openChannel(options: ChannelOptions): Promise<Channel> {
  const library = await import('nats')
  const servers = [options.servers].flat().flatMap((list) => list.split(','))
  const where = servers.map(maskUrl).join(',')
  if (/[\s*>.]/.test(options.sessionId)) throw new EdsError('configuration', 'the session id is not one')
  try {
    const nats = await library.connect(clientOptions(servers, options, library))
    return await listen(nats, library, where, options)
  } catch (error) {
    throw channelError(error, where)
  }
}

async function listen(nats: NatsConnection, library: Nats, where: string, options: ChannelOptions): Promise<Channel> {
  const { sessionId, newId = randomUUID, logger } = options
  const ending = new AbortController()
  const send = (name: string, fields: Readonly<Record<string, unknown>>): void => {
    if (nats.isClosed()) return
    const headers = library.headers()
    headers.set('Nats-Msg-Id', newId())
    headers.set('content-encoding', 'msgpack')
    nats.publish(`eds.client.${sessionId}.${name}`, toMsgpack(fields), { headers })
  }
  const receiver = new Receiver(options, send, ending.signal)
  nats.subscribe(`eds.notify.${sessionId}.>`, {
    callback: (error, message) => {
      if (error) logger.error({ error: channelError(error, where) }, 'HQ’s notifications cannot be received')
      else receiver.take(message, (subject, text) => nats.isClosed() || nats.publish(subject, text))
    },
  })
  await nats.flush()
  const refusal: { last: Error | undefined } = { last: undefined }
  void watch(nats, where, options, refusal)
  const closed = nats.closed().then((reason) => {
    const wasAsked = ending.signal.aborted
    ending.abort()
    return wasAsked ? undefined : endError(reason, refusal.last, where)
  })
  return {
    sessionId,
    send,
    announceLogs: (path) => send('sendlogs-response', { path, sessionId }),
    closed,
    close: async () => {
      ending.abort()
      await flushed(nats)
      await nats.close().catch(() => {})
    },
  }
}

function endError(reason: unknown, refusal: Error | undefined, where: string): EdsError {
  return channelError(refusal ?? reason ?? new Error('the server closed the connection'), where)
}

/** Without a server there is nothing to wait for. */
async function flushed(nats: NatsConnection): Promise<void> {
  if (nats.isClosed()) return
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closeLimitMs)
  })
  await Promise.race([nats.flush().catch(() => {}), limit])
  clearTimeout(timer)
}

/** Logs what happens to the connection. Keeps in `refusal` why the server refused it last: the client does not always say so at its end. */
async function watch(
  nats: NatsConnection,
  where: string,
  { logger }: ChannelOptions,
  refusal: { last: Error | undefined },
): Promise<void> {
  let isUp = true
  const isBack = () => {
    isUp = true
    refusal.last = undefined
    logger.info({ servers: where }, 'the channel to HQ is back')
  }
  for await (const { type, data, permissionContext } of nats.status()) {
    if (type === 'disconnect' && isUp && !nats.isClosed()) {
      isUp = false
      logger.warn({ servers: where }, 'the channel to HQ is lost, reconnecting')
    } else if (type === 'reconnect') {
      // Only then does the server have the subscription again.
      void nats.flush().then(isBack, () => {})
    } else if (permissionContext) {
      logger.error({ ...permissionContext }, 'NATS does not allow this session to use a subject')
    } else if (type === 'error' && isRefusal(data)) {
      refusal.last = Object.assign(new Error(String(data)), { code: data })
    }
  }
}

function clientOptions(servers: readonly string[], options: ChannelOptions, library: Nats): ConnectionOptions {
  const { credentials, timeoutMs = 5_000 } = options
  return {
    servers: [...servers],
    name: 'eds-hq',
    timeout: timeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    pingInterval: 15_000,
    noAsyncTraces: true,
    ...(credentials && { authenticator: library.credsAuthenticator(new TextEncoder().encode(credentials)) }),
  }
}
