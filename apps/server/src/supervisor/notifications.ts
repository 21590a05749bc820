import type { DriverDefinition, Logger } from '@eds/core'
import { answerForm, describeDrivers, type NotificationHandlers } from '@eds/hq'
import type { PlannedSink } from '../host/sinks.js'
import type { SessionKeeper } from '../session/session-keeper.js'
import { version } from '../version.js'
import type { Supervisor } from './supervisor.js'
import type { Upgrader } from './upgrader.js'
import type { WorkerDesk } from './worker-desk.js'

export interface NotificationParts {
  readonly supervisor: Pick<Supervisor, 'restart' | 'import' | 'configure' | 'end'>
  readonly workers: Pick<WorkerDesk, 'pause' | 'unpause'>
  readonly sessions: Pick<SessionKeeper, 'sendLogAsAsked'>
  readonly upgrader: Upgrader
  readonly logger: Pick<Logger, 'info'>
  /** Loads every driver at hand. */
  readonly drivers: () => Promise<readonly DriverDefinition[]>
  readonly hasSchema: (definition: DriverDefinition) => boolean
  /** Tests a destination and saves its URL. */
  readonly configure: (url: string, signal: AbortSignal) => Promise<PlannedSink>
  /** Forgets the server id. */
  readonly forgetServer: () => Promise<void>
}

/** What this server does when HQ asks. */
export function notificationHandlers(parts: NotificationParts): NotificationHandlers {
  const { supervisor, workers, sessions, logger, drivers, hasSchema } = parts
  return {
    ...endings(parts),
    async restart() {
      logger.info({}, 'restarting, as HQ asks')
      return (await supervisor.restart()) ? 'restarted' : 'nothing is delivered yet: configure and import first'
    },
    async pause() {
      logger.info({}, 'pausing, as HQ asks')
      await workers.pause()
      return 'paused'
    },
    async unpause() {
      logger.info({}, 'going on, as HQ asks')
      await workers.unpause()
      return 'running again'
    },
    sendlogs: () => sessions.sendLogAsAsked(),
    async configure({ url }, { signal }) {
      const { destination } = await parts.configure(url, signal)
      supervisor.configure(url)
      return { maskedUrl: destination }
    },
    async import({ backfill }) {
      logger.info({}, backfill ? 'importing, as HQ asks' : 'making the tables, as HQ asks')
      await supervisor.import(backfill)
      return backfill ? 'imported' : 'the tables are there'
    },
    driverconfig: async () => describeDrivers(await drivers(), hasSchema),
    validate: async ({ driver, config }) => answerForm(await drivers(), driver, config),
  }
}

/** What ends this run of the program, after the answer is on its way. */
function endings({
  supervisor,
  upgrader,
  logger,
  forgetServer,
}: NotificationParts): Pick<NotificationHandlers, 'shutdown' | 'upgrade'> {
  return {
    async shutdown({ message, deleted }) {
      logger.info({}, `shutting down, as HQ asks${message === '' ? '' : `: ${message}`}`)
      if (deleted) await forgetServer()
      setImmediate(() => supervisor.end())
      return 'shutting down'
    },
    async upgrade({ version: wanted }, { signal }) {
      logger.info({}, `upgrading from ${version()} to ${wanted}, as HQ asks`)
      const next = await upgrader.install(wanted, signal)
      setImmediate(() => supervisor.end({ next }))
      return `restarting into ${next.version}`
    },
  }
}
