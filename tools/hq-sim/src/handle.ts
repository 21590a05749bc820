import { makeEnrollmentCode } from './enrollment-code.js'
import type { HqSim } from './hq-sim.js'
import type { ApiServer } from './http/api-server.js'
import type { HttpContext } from './http/context.js'
import type { MessageBus } from './message-bus.js'

const defaultTimeoutMs = 30_000

/** What a simulator is made of. */
export interface HandleParts {
  readonly context: HttpContext
  readonly bus: MessageBus
  readonly server: ApiServer
  readonly companies: readonly string[]
}

/** Puts the parts behind one interface. */
export function createHandle(parts: HandleParts): HqSim {
  const { context, bus, companies } = parts
  const { url, serverId, apiKey } = context
  return {
    ...{ url, serverId, apiKey, companies, natsUrl: bus.url },
    ...records(parts),
    ...messages(parts),
    ...control(parts),
    get heartbeats() {
      return context.journal.answers.filter(({ name }) => name === 'heartbeat')
    },
  }
}

function records({ context: { journal, secrets } }: HandleParts) {
  const { requests, sessions, uploads, answers, exportJobs, watch } = journal
  return {
    ...{ requests, sessions, uploads, answers, exportJobs },
    secrets: () => secrets.all(),
    waitFor: <Found>(what: string, find: () => Found | undefined | false, timeoutMs = defaultTimeoutMs) =>
      watch.waitFor(what, find, timeoutMs, () => journal.describe()),
  }
}

type Messages = Pick<HqSim, 'notify' | 'notifyBytes' | 'request' | 'ping' | 'publishEvent' | 'publishEvents'>

function messages({ bus }: HandleParts): Messages {
  return {
    notify: (action, data, options = {}) => bus.notify(action, data, options),
    notifyBytes: (action, bytes, { session } = {}) => bus.notifyBytes(action, bytes, session),
    request: (action, data, { timeoutMs = defaultTimeoutMs, ...options } = {}) =>
      bus.request(action, data, options, timeoutMs),
    ping: ({ session, timeoutMs = defaultTimeoutMs } = {}) => bus.ping(session, timeoutMs),
    publishEvent: async (event) => {
      await bus.publish([event])
    },
    publishEvents: (events) => bus.publish(events),
  }
}

type Control = Pick<
  HqSim,
  | 'newEnrollmentCode'
  | 'setSchemas'
  | 'setExport'
  | 'failNext'
  | 'conflictNext'
  | 'down'
  | 'up'
  | 'stopNats'
  | 'startNats'
  | 'restartNats'
  | 'close'
>

function control({ context, bus, server }: HandleParts): Control {
  const { faults, schemas, exports, enrollmentCodes } = context
  let closing: Promise<void> | undefined
  const refusal = { status: 409, body: JSON.stringify({ success: false, message: 'The server is already running' }) }
  return {
    newEnrollmentCode: () => {
      const code = makeEnrollmentCode()
      enrollmentCodes.add(code)
      return code
    },
    setSchemas: (versions) => schemas.replace(versions),
    setExport: (settings) => exports.replace(settings),
    failNext: (route, fault, times = 1) => faults.add(route, fault, times),
    conflictNext: (times = 1) => faults.add('startSession', refusal, times),
    down: () => server.down(),
    up: () => server.up(),
    stopNats: () => bus.stop(),
    startNats: () => bus.startAgain(),
    restartNats: async () => {
      await bus.stop()
      await bus.startAgain()
    },
    close: () => {
      closing ??= Promise.all([server.close(), bus.close()]).then(() => undefined)
      return closing
    },
  }
}
