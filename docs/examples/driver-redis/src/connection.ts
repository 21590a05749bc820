import type { RedisConfig } from './config.js'

/** What the driver needs of the client library. */
export interface Connection {
  /** Opens the connection and logs in. */
  connect(): Promise<unknown>
  /** Sends the commands in one go and runs them as a transaction: rejects when one of them failed. */
  transact(commands: readonly (string | Buffer)[][]): Promise<unknown>
  /** Ends everything at once. Idempotent. */
  destroy(): void
}

/** Loads the client library. Sends nothing yet. It neither reconnects nor keeps commands for later: that is the pipeline's. */
export async function openConnection(config: RedisConfig): Promise<Connection> {
  const { createClient } = await import('redis')
  const { host, port, tls, user, password, database, timeoutMs } = config
  const socket = { host, port, connectTimeout: timeoutMs, reconnectStrategy: false } as const
  const client = createClient({
    socket: tls ? { ...socket, tls } : socket,
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    database,
    disableOfflineQueue: true,
  })
  // Whoever waits for an answer hears of it; without a listener it would end the process.
  client.on('error', () => {})
  return {
    connect: () => client.connect(),
    transact(commands) {
      const transaction = client.multi()
      for (const command of commands) transaction.addCommand(command)
      return transaction.exec()
    },
    destroy() {
      if (client.isOpen) client.destroy()
    },
  }
}
