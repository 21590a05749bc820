import { type DriverContext, type DriverDefinition, defineDriver } from '@eds/core'
import type { Authenticate } from './auth/authenticate.js'
import { configSchema, formatConfigUrl, parseConfigUrl, type SocketioConfig } from './config.js'
import { describeSocketio } from './describe.js'
import { SocketioDriver } from './driver.js'
import type { ChangeMessage } from './events.js'

/** What a program adds to the configuration. */
export interface SocketioHooks {
  /** Looks tokens up instead of what the configuration says. */
  readonly authenticate?: Authenticate
  /**
   * Takes what a socket republished, instead of it being sent to the sender's own sockets. `userId` is the sender's, as text, and the
   * message is valid. Its rejection is answered with `error` 400.
   */
  readonly onRepublish?: (message: ChangeMessage, userId: string) => Promise<void>
}

/** A socket.io destination that a program holds on to. */
export interface Socketio {
  /** For `sink(socketio.definition, url)`. */
  readonly definition: DriverDefinition<SocketioConfig>
  /**
   * Sends a message to a user's sockets, or to all with `*`, past the pipeline. Resolves with the number of sockets, on all servers that
   * share an adapter. 0 while no driver is connected.
   */
  publish(message: ChangeMessage, userId: string): Promise<number>
  /** Number of sockets that a message to this user, or to all with `*`, would reach now. */
  receivers(userId: string): Promise<number>
}

/** Makes a destination of a program's own; the package's default export is one without hooks. */
export function createSocketio(hooks: SocketioHooks = {}): Socketio {
  let current: SocketioDriver | undefined
  const create = (config: SocketioConfig, context: DriverContext) => {
    current = new SocketioDriver(config, context, hooks)
    return current
  }
  return {
    definition: defineDriver({
      ...describeSocketio,
      config: configSchema,
      parse: parseConfigUrl,
      format: formatConfigUrl,
      create,
    }),
    publish: async (message, userId) => (await current?.publish(message, userId)) ?? 0,
    receivers: async (userId) => (await current?.receivers(userId)) ?? 0,
  }
}
