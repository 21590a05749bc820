import { defineSource, type Source } from '@eds/core'
import { type NatsOptions, resolveSettings } from './settings.js'
import { NatsSource } from './source.js'

export type { NatsConnectionOptions, NatsCredentials } from './connection-options.js'
export { type CredentialFacts, narrowCompanies, readCredentials } from './credentials.js'
export { parsePosition, positionOf, type StreamPlace } from './position.js'
export type { OutgoingMessage } from './publish-window.js'
export { type PublisherOptions, publisher, type StreamPublisher } from './publisher.js'
export { type NatsRegistry, type NatsRegistryOptions, natsRegistry } from './registry.js'
export type { NatsOptions } from './settings.js'
export { companySubjects, eventSubject, type SubjectFacts } from './subjects.js'

/**
 * Change events from a NATS JetStream stream. Connects when the first reader is opened.
 *
 * @throws EdsError `configuration` when an option is wrong.
 */
export const nats = defineSource((options: NatsOptions): Source => new NatsSource(resolveSettings(options)))

export default nats
