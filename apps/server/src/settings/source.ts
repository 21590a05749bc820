import { resolve } from 'node:path'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { usageError } from '../exit-codes.js'
import { oneOf, readOptions, text, texts, wholeNumber } from './option-types.js'

const sourceOptions = z.object({
  server: texts.optional(),
  creds: text.optional(),
  stream: text.optional(),
  companyIds: texts.optional(),
  consumerSuffix: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'must consist of letters, digits, _ and -')
    .optional(),
  ack: oneOf('all', 'explicit').optional(),
  maxAckPending: wholeNumber(1).optional(),
  maxPendingBuffer: wholeNumber(1).optional(),
})

/** Where the change events come from. */
export interface SourceSettings {
  readonly servers: readonly string[]
  /** Absolute path of a `.creds` file. */
  readonly credentialsFile?: string
  /** Names the consumer as the EDS server does where no credentials tell the id. */
  readonly serverId?: string
  readonly stream: string
  /** Empty: all that the credentials allow. */
  readonly companyIds: readonly string[]
  readonly consumerSuffix?: string
  readonly ack?: 'all' | 'explicit'
  readonly maxAckPending?: number
  readonly maxPullEvents?: number
}

const localServer = 'nats://localhost:4222'
/** Where the holders of credentials connect to, unless they say otherwise. */
const publicServer = 'nats://connect.nats.shopmonkey.pub'

export function readSourceSettings(call: CommandCall): SourceSettings {
  const options = readOptions(sourceOptions, call)
  const { creds, stream = 'dbchange', companyIds = [], consumerSuffix, ack, maxAckPending, maxPendingBuffer } = options
  const servers = options.server?.flatMap(serverList) ?? [creds === undefined ? localServer : publicServer]
  if (servers.length === 0) throw usageError('--server names no server', `write it as ${localServer}`)
  return {
    servers,
    stream,
    companyIds: companyIds.filter((id) => id !== ''),
    ...(creds !== undefined && { credentialsFile: resolve(call.io.workingDirectory, creds) }),
    ...(consumerSuffix !== undefined && { consumerSuffix }),
    ...(ack !== undefined && { ack }),
    ...(maxAckPending !== undefined && { maxAckPending }),
    ...(maxPendingBuffer !== undefined && { maxPullEvents: maxPendingBuffer }),
  }
}

function serverList(list: string): string[] {
  return list
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '')
}
