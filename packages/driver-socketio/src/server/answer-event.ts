import type { Clock } from '@eds/core'
import type { Socket } from 'socket.io'
import type { SocketioConfig } from '../config.js'
import type { FanOut } from '../delivery/fan-out.js'
import type { ErrorMessage } from '../events.js'
import type { SocketioHooks } from '../socketio.js'
import { parseRepublish } from './republish.js'

/** What {@link answerEvent} needs. */
export interface AnswerParts {
  readonly config: Pick<SocketioConfig, 'republish'>
  readonly hooks: Pick<SocketioHooks, 'onRepublish'>
  readonly clock: Pick<Clock, 'now'>
  readonly fanOut: FanOut
}

/** Handles `event` of a socket: sends it to the sender's own user, or answers with `error`. */
export function answerEvent({ config, hooks, clock, fanOut }: AnswerParts) {
  return (socket: Socket, userId: string, body: unknown): void => {
    const fail = (code: ErrorMessage['code'], message: string) => socket.emit('error', { code, message })
    const message = config.republish ? parseRepublish(body, clock.now()) : undefined
    if (message === undefined) fail(403, 'republishing is off')
    else if ('problem' in message) fail(400, `invalid event: ${message.problem}`)
    else if (hooks.onRepublish === undefined) fanOut.send([userId], message, sizeOf(message))
    else hooks.onRepublish(message, userId).catch(() => fail(400, 'the event was not accepted'))
  }
}

/** About the bytes of a message, binary parts included. */
export function sizeOf(message: object): number {
  return JSON.stringify(message, (_name, value: unknown) => (value instanceof Uint8Array ? value.byteLength : value))
    .length
}
