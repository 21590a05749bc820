import { createPipeline, type DeadLetterStore, type Sink, type StateStore, sink, systemClock } from '@eds/core'
import { type DriverSender, driverSender, openSync, projectIdPattern, type Sync } from '@eds/sync'
import type { CommandCall } from '../command.js'
import { usageError } from '../exit-codes.js'
import { installedDrivers } from '../host/drivers.js'
import { natsSource } from '../host/nats-source.js'
import { planSink } from '../host/sinks.js'
import type { ProgramLogger } from '../logging/create-logger.js'
import type { SyncSettings } from '../settings/sync.js'
import { changeIntake } from './change-intake.js'
import { Delivery } from './delivery.js'
import { openStorage } from './open-storage.js'
import type { ReadConfig } from './read-config.js'
import { SentMessages } from './sent-messages.js'
import { serveEndpoints } from './serve-endpoints.js'
import { syncSummary } from './summary.js'
import { syncService } from './sync-service.js'
import { tryDestination } from './try-destination.js'

export interface SyncParts {
  readonly call: CommandCall
  readonly settings: SyncSettings
  readonly config: ReadConfig
  readonly state: StateStore
  /** Takes change events that are none. */
  readonly deadLetters: DeadLetterStore
  readonly logger: ProgramLogger
}

/** Where messages go, and how that is called. */
export async function messageSink({ call, settings, config }: SyncParts): Promise<{ sink: Sink; destination: string }> {
  const drivers = await installedDrivers(call.io.workingDirectory)
  if (settings.sink !== undefined) return planSink({ name: 'eventsync', url: settings.sink }, drivers, call.redactor)
  const topic = config.sync.targetPubSub?.topic ?? ''
  const ofTopic = topic.split('/')[1] ?? ''
  const planned = await planSink({ name: 'eventsync', url: `pubsub://${ofTopic}/${topic}` }, drivers, call.redactor)
  const { project = ofTopic } = settings
  if (!projectIdPattern.test(project)) {
    throw usageError(`${JSON.stringify(project)} is not the id of a project`, 'correct --project or PROJECT_ID')
  }
  const target = {
    project,
    topic,
    ordering: false,
    attributes: { serviceName: config.sync.serviceName },
  }
  return { sink: sink(planned.sink.definition, target, { name: 'eventsync' }), destination: topic }
}

const noGoogle = 'there are no Google credentials with a project, for Firestore: events are kept in the data directory'

/** Synchronises until the signal aborts; then lets what is under way finish. */
export async function runSync(parts: SyncParts): Promise<void> {
  const { settings, config, state, logger } = parts
  const { sink: target, destination } = await messageSink(parts)
  const opened = await openStorage(settings, config.sync.serviceName, { state, logger })
  const sender = driverSender(target, { logger, state: state.namespace('eventsync-sink') })
  const sent = new SentMessages()
  const delivery = new Delivery(destination, logger)
  const sync = await openSync({
    config: config.sync,
    storage: opened.storage,
    send: sent.observe(delivery.observe(sender.send)),
    logger,
    legacyDates: settings.legacyDates,
  })
  try {
    for (const line of syncSummary(config)) logger.info({}, line)
    if (!settings.isStoreChosen && settings.store === 'lmdb') logger.info({}, noGoogle)
    logger.info({}, `events are kept in: ${opened.storage.description}; messages go to ${destination}`)
    await serve(parts, sync, { sent, sender, delivery })
  } finally {
    await finish(sync, sender)
    await opened.close()
  }
}

/** The way of the messages to their destination. */
interface Outlet {
  readonly sender: DriverSender
  readonly sent: SentMessages
  readonly delivery: Delivery
}

async function serve(parts: SyncParts, sync: Sync, { sender, sent, delivery }: Outlet): Promise<void> {
  const { call, settings, config, logger } = parts
  const { signal } = call.io
  const { answerFirst } = settings
  const server = await serveEndpoints(settings.http, {
    service: syncService({ sync, sent, delivery, clock: systemClock, answerFirst }),
    answerFirst,
    anyOrigin: settings.anyOrigin,
    maxBodyBytes: settings.maxBodyBytes,
    isEnding: () => signal.aborted,
    onError: (error) => logger.warn({ error }, 'a request could not be served'),
  })
  logger.info({}, `listening on ${settings.http.host} port ${server.port}`)
  void tryDestination(sender, delivery, { clock: systemClock, signal })
  try {
    if (config.rules.size > 0) await takeChanges(parts, sync)
    else await untilAborted(signal)
  } finally {
    await server.close()
  }
}

/** Change events count as events of endpoints until the signal aborts; a source that ends leaves HTTP running. */
async function takeChanges(parts: SyncParts, sync: Sync): Promise<void> {
  const { call, config, state, deadLetters, logger } = parts
  const intake = changeIntake(sync, config.rules)
  const source = await changeSource(parts, intake.name)
  logger.info({}, `change events come from ${source.description}`)
  await createPipeline({ source, sinks: [intake], state: state.namespace('changes'), deadLetters, logger }).run(call.io)
  await untilAborted(call.io.signal)
}

async function changeSource({ call, settings, state, logger }: SyncParts, cursor: string) {
  const { changes, source } = settings
  if (changes.kind === 'nats') {
    return natsSource(source, [cursor], { redactor: call.redactor, logger, state: state.namespace('nats') })
  }
  const { fileSource } = await import('@eds/source-file')
  return fileSource({ paths: [changes.path] })
}

/** Messages that are still due go out after the next start. */
async function finish(sync: Sync, sender: DriverSender): Promise<void> {
  await sync.close()
  await sender.close()
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
