import { type DiscoveredDriver, systemClock } from '@eds/core'
import {
  baseUrlOfKey,
  hqApi,
  type NotificationHandlers,
  openChannel,
  type SessionDriver,
  systemInfo,
  systemStats,
} from '@eds/hq'
import type { CommandCall } from '../command.js'
import type { DataDirectory } from '../host/data-directory.js'
import { planSink } from '../host/sinks.js'
import { newControlToken } from '../http/control-file.js'
import type { ProgramLogger } from '../logging/create-logger.js'
import { LogCourier } from '../session/log-courier.js'
import { SessionDesk } from '../session/session-desk.js'
import { SessionKeeper } from '../session/session-keeper.js'
import { changeConfigFile } from '../settings/config-file.js'
import type { HqSettings } from '../settings/hq.js'
import type { ServerSettings } from '../settings/server.js'
import type { NamedUrl } from '../settings/sink-name.js'
import { announceStart } from '../upgrade/hand-over.js'
import { version } from '../version.js'
import { hasTables, loadDrivers } from './all-drivers.js'
import { type ProgramStart, thisProgram } from './child-program.js'
import { configureDestination } from './configure.js'
import { runImportProcess } from './import-process.js'
import { defaultNatsServer } from './nats-servers.js'
import { notificationHandlers } from './notifications.js'
import { roomControls } from './room-controls.js'
import { Supervisor } from './supervisor.js'
import type { Upgrader } from './upgrader.js'
import { WaitingRoom } from './waiting-room.js'
import { WorkerDesk } from './worker-desk.js'
import { workerOrder } from './worker-order.js'

/** What the machine's id is hashed for. */
const application = 'eds-server'

/** What a supervised server is put together from. */
export interface SupervisionParts {
  readonly call: CommandCall
  readonly settings: ServerSettings
  readonly hq: HqSettings
  readonly drivers: readonly DiscoveredDriver[]
  readonly directory: DataDirectory
  readonly logger: ProgramLogger
  readonly upgrader: Upgrader
}

/** The supervisor with all that it needs. Nothing runs yet. */
export class Supervision {
  readonly #parts: SupervisionParts
  readonly #token = newControlToken()
  readonly #apiUrl: string
  readonly #natsServers: readonly string[]
  readonly #program: ProgramStart
  readonly #room: WaitingRoom
  readonly #workers: WorkerDesk
  readonly #sessions: SessionKeeper
  readonly #handlers: NotificationHandlers
  readonly supervisor: Supervisor

  /** @throws EdsError `configuration` when the API key does not tell where HQ is */
  constructor(parts: SupervisionParts) {
    this.#parts = parts
    const { call, settings, hq } = parts
    call.redactor.add([this.#token])
    this.#apiUrl = hq.apiUrl ?? baseUrlOfKey(hq.apiKey)
    const isServerGiven = call.options.server !== undefined
    this.#natsServers = isServerGiven ? settings.source.servers : [defaultNatsServer(this.#apiUrl)]
    this.#program = thisProgram(call.io.environment, call.io.workingDirectory)
    this.#room = this.#makeRoom()
    this.#workers = this.#makeWorkerDesk()
    this.#sessions = this.#makeSessionKeeper()
    this.supervisor = this.#makeSupervisor()
    this.#handlers = this.#makeHandlers()
  }

  #makeRoom(): WaitingRoom {
    const { call, settings, directory, logger } = this.#parts
    return new WaitingRoom({
      ...settings.http,
      token: this.#token,
      redactor: call.redactor,
      controlFile: directory.controlFile,
      control: roomControls(() => ({ supervisor: this.supervisor, workers: this.#workers, logger })),
      isStopping: () => this.supervisor.isStopping,
      idleness: () => this.supervisor.idleness,
      now: Date.now,
    })
  }

  #makeWorkerDesk(): WorkerDesk {
    const { logger } = this.#parts
    return new WorkerDesk({
      surroundings: {
        program: this.#program,
        onLine: (line) => logger.adopt(line),
        rotateLog: () => logger.rotateFile(),
        now: Date.now,
      },
      room: this.#room,
      clock: systemClock,
      onEnd: (end) => this.supervisor.workerEnded(end),
    })
  }

  #makeSessionDesk(): SessionDesk {
    const { call, settings, hq, logger } = this.#parts
    const { apiKey, serverId } = hq
    const reach = { apiUrl: this.#apiUrl, apiKey, version: version(), clock: systemClock, logger }
    const api = hqApi(reach)
    return new SessionDesk({
      api,
      hastyApi: hqApi({ ...reach, retryForMs: 0 }),
      openChannel,
      serverId,
      natsServers: this.#natsServers,
      dataDirectory: settings.dataDirectory,
      systemInfo: () => systemInfo(application, Date.now()),
      courier: new LogCourier(api, () => logger.rotateFile()),
      clock: systemClock,
      logger,
      redactor: call.redactor,
    })
  }

  #makeSessionKeeper(): SessionKeeper {
    const { hq, logger } = this.#parts
    return new SessionKeeper({
      desk: this.#makeSessionDesk(),
      clock: systemClock,
      logger,
      renewIntervalMs: hq.renewIntervalMs,
      heartbeat: () => this.#heartbeat(),
      handlers: () => this.#handlers,
      onDue: (held) => this.supervisor.renew(held),
      onLost: (held, reason) => this.supervisor.lost(held, reason),
    })
  }

  #makeSupervisor(): Supervisor {
    const { call, settings, hq, logger } = this.#parts
    const facts = { settings, hq, apiUrl: this.#apiUrl, natsServers: this.#natsServers, token: this.#token }
    const parts = {
      sessions: this.#sessions,
      workers: this.#workers,
      room: this.#room,
      clock: systemClock,
      logger,
      restartsWorker: hq.restartsWorker,
      order: workerOrder.bind(undefined, facts),
      describe: (url: NamedUrl) => this.#describe(url),
      import: (url: string, backfill: boolean, signal: AbortSignal) => this.#import(url, backfill, signal),
      heartbeat: () => this.#heartbeat(),
      onStarted: () => announceStart(call.io.environment),
    }
    return new Supervisor(parts, settings.urls)
  }

  #makeHandlers(): NotificationHandlers {
    const { call, settings, drivers, upgrader, logger } = this.#parts
    const { redactor, io } = call
    const isOverruled = call.options.url !== undefined || call.operands.length > 0
    const configuring = { ...settings, workingDirectory: io.workingDirectory, redactor, logger, isOverruled }
    return notificationHandlers({
      supervisor: this.supervisor,
      workers: this.#workers,
      sessions: this.#sessions,
      upgrader,
      logger,
      drivers: () => loadDrivers(drivers, logger),
      hasSchema: hasTables,
      configure: (url, signal) => configureDestination(url, configuring, signal),
      forgetServer: () => changeConfigFile(settings.dataDirectory, { server_id: undefined }),
    })
  }

  async #describe(url: NamedUrl): Promise<SessionDriver> {
    const { drivers, call } = this.#parts
    const { sink, destination } = await planSink(url, drivers, call.redactor)
    const { name: id, title: name, description } = sink.definition
    return { id, name, description, url: destination }
  }

  #import(url: string, backfill: boolean, signal: AbortSignal): Promise<void> {
    const { settings, hq, logger } = this.#parts
    const { dataDirectory, source } = settings
    const { apiKey } = hq
    const order = { dataDirectory, url, apiKey, apiUrl: this.#apiUrl, companyIds: source.companyIds, backfill }
    return runImportProcess(this.#program, order, logger, signal)
  }

  #heartbeat() {
    const { figures: metrics, pausedSince } = this.#workers
    return { metrics, ...systemStats(), ...(pausedSince !== undefined && { pausedSince }) }
  }
}
