import type { PubsubConfig } from './config.js'
import type { Connection } from './connection.js'
import { hasStatus } from './errors.js'

const notFound = 5
const alreadyExists = 6
const permissionDenied = 7

/** `unreadable`: the account may not look at topics, as one may not that has nothing but the right to publish. */
export type TopicState = 'found' | 'created' | 'unreadable'

/** Looks whether the topic is there, and makes it when it is missing and the configuration says so. Rejects with gRPC errors. */
export async function ensureTopic(
  connection: Pick<Connection, 'getTopic' | 'createTopic'>,
  { create }: Pick<PubsubConfig, 'create'>,
  signal: AbortSignal,
): Promise<TopicState> {
  try {
    await connection.getTopic(signal)
    return 'found'
  } catch (error) {
    if (hasStatus(error, permissionDenied)) return 'unreadable'
    if (!create || !hasStatus(error, notFound)) throw error
  }
  try {
    await connection.createTopic(signal)
    return 'created'
  } catch (error) {
    if (hasStatus(error, alreadyExists)) return 'found'
    throw error
  }
}
