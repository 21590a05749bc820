import { isEdsError, maskText } from '@eds/core'
import * as answer from './answer.js'
import type { ChannelOptions, NotificationContext } from './channel-types.js'
import { decodeNotification, type Notification } from './notification.js'
import { OrderedJobs } from './order.js'

type Fields = Readonly<Record<string, unknown>>

/** What the transport hands over. */
export interface IncomingMessage {
  readonly data: Uint8Array
  readonly reply?: string
  readonly headers?: { get(name: string): string }
}

/** Takes notifications, has them handled in order, and answers. Knows no transport. */
export class Receiver {
  readonly #options: ChannelOptions
  readonly #send: (name: string, fields: Fields) => void
  readonly #signal: AbortSignal
  readonly #jobs = new OrderedJobs()

  constructor(options: ChannelOptions, send: (name: string, fields: Fields) => void, signal: AbortSignal) {
    this.#options = options
    this.#send = send
    this.#signal = signal
  }

  /** Does not throw. `publish` sends plain text to a subject. */
  take(message: IncomingMessage, publish: (subject: string, text: string) => void): void {
    const { sessionId, logger } = this.#options
    const decoded = decodeNotification(message.data, message.headers?.get('content-encoding') ?? '')
    const respond = (action: string, fields: Fields) => {
      if (message.reply && answer.isReplied(action)) publish(message.reply, answer.toJson(fields))
      else this.#send(`${action}-response`, fields)
    }
    if ('problem' in decoded) {
      const { action, problem } = decoded
      logger.warn({ action }, `HQ asked for something that cannot be done: ${problem}`)
      respond(action, answer.failure(action, sessionId, problem))
      return
    }
    const { notification } = decoded
    if (notification.action === 'ping') publish(notification.data.subject, 'pong')
    else this.#jobs.add(notification.action, () => this.#run(notification, respond))
  }

  async #run(notification: Notification, respond: (action: string, fields: Fields) => void): Promise<void> {
    const { action } = notification
    try {
      respond(action, await this.#handle(notification, this.#context(action)))
    } catch (error) {
      const message = this.#explain(error)
      this.#options.logger.error({ action, reason: message }, 'what HQ asked for failed')
      respond(action, answer.failure(action, this.#options.sessionId, message))
    }
  }

  async #handle(notification: Notification, context: NotificationContext): Promise<Fields> {
    const { handlers, sessionId } = this.#options
    switch (notification.action) {
      case 'configure': {
        const { data } = notification
        return answer.configured(await handlers.configure(data, context), data.backfill, sessionId)
      }
      case 'driverconfig':
        return answer.driverList(await handlers.driverconfig(context), sessionId)
      case 'validate':
        return answer.validated(await handlers.validate(notification.data, context), sessionId)
      case 'sendlogs':
        return { path: await handlers.sendlogs(context), sessionId }
      default:
        return answer.done(notification, sessionId, await this.#do(notification, context))
    }
  }

  async #do(notification: Notification, context: NotificationContext): Promise<string | undefined> {
    const { handlers } = this.#options
    switch (notification.action) {
      case 'restart':
        context.report('restarting')
        return handlers.restart(context)
      case 'upgrade':
        context.report(`upgrading to ${notification.data.version}`)
        return handlers.upgrade(notification.data, context)
      case 'import':
        context.report('importing')
        return handlers.import(notification.data, context)
      case 'shutdown':
        return handlers.shutdown(notification.data, context)
      case 'pause':
        return handlers.pause(context)
      case 'unpause':
        return handlers.unpause(context)
      default:
        return undefined
    }
  }

  #context(action: string): NotificationContext {
    const { sessionId } = this.#options
    return {
      report: (message) => this.#send(`${action}-status`, { sessionId, action, message }),
      signal: this.#signal,
    }
  }

  #explain(error: unknown): string {
    const { mask = maskText } = this.#options
    const message = error instanceof Error ? error.message : String(error)
    return mask(isEdsError(error) && error.fix ? `${message}; ${error.fix}` : message)
  }
}
