import { z } from 'zod'
import { referenceTo } from './environment-references.js'

const text = z.string().min(1)
const texts = z.array(text).min(1)
const count = z.coerce.number<number | string>().int().min(1)

const natsSchema = z.strictObject({
  type: z.literal('nats'),
  servers: z.union([text, texts]).optional().describe('Default: nats://localhost:4222'),
  credentials: text.optional().describe('A .creds file'),
  stream: text.optional().describe('Default: dbchange'),
  companies: texts.optional().describe('Ask for events of these companies only'),
  consumerSuffix: text.optional().describe('Names the consumer `eds-<server id>-<suffix>`'),
  ack: z.enum(['all', 'explicit']).optional().describe('Acknowledge a batch by one message, or every event'),
  maxAckPending: count.optional().describe('Most events on their way; default: 25000'),
  maxPendingBuffer: count.optional().describe('Most events to pull at a time; default: 4096'),
})

const databaseSchema = <Name extends 'postgres' | 'mysql', Modes extends readonly [string, ...string[]]>(
  name: Name,
  modes: Modes,
) =>
  z.strictObject({
    type: z.literal(name),
    url: text.describe(`The database: \`${name}://user:${referenceTo('PASSWORD')}@host/database\``),
    mode: z.enum(modes).optional().describe('How changes are captured; default: what the server and the rights allow'),
    tables: texts.optional().describe('Only these tables; default: all with a primary key'),
  })

const fileSchema = z.strictObject({
  type: z.literal('file'),
  paths: texts.describe('NDJSON files, and folders of them; delivered once, then the program ends'),
})

const httpSchema = z.strictObject({
  type: z.literal('http'),
  token: text.describe(
    `What \`POST /publish\` asks for, from the environment: \`${referenceTo('EDS_PUBLISH_TOKEN')}\``,
  ),
  maxBacklogEvents: count.optional().describe('Refuse events when so many wait; default: 100000'),
})

/** Where the changes come from. */
export const sourceSchema = z
  .discriminatedUnion('type', [
    natsSchema,
    databaseSchema('postgres', ['auto', 'replication', 'triggers']),
    databaseSchema('mysql', ['auto', 'binlog', 'triggers']),
    fileSchema,
    httpSchema,
  ])
  .describe('Where the changes come from; default: NATS on this machine')
