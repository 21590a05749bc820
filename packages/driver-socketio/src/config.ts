import { EdsError, formatUrl, parseUrl, secret } from '@eds/core'
import { z } from 'zod'
import { parseFilters, parseRouting } from './delivery/rules.js'

const flag = z.union([z.boolean(), z.stringbool()])
const columns = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])
const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

/** Runs a parser whose errors are for people. */
function readable<T>(text: string, context: z.RefinementCtx, parse: (text: string) => T): T {
  try {
    return parse(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) })
    return z.NEVER
  }
}

/** Settings of a socket.io destination. */
export const configSchema = z
  .strictObject({
    host: z.string().min(1).default('0.0.0.0').describe('Address that a server of its own listens on'),
    port: whole(0, 65_535)
      .optional()
      .describe('Port of a server of its own; default: the HTTP server of the host program'),
    path: z
      .string()
      .regex(/^\/[^?#\s]+$/, 'must begin with a slash')
      .default('/socket.io')
      .describe('Path that clients connect to'),
    cors: z
      .string()
      .default('*')
      .describe('Origins that browsers may come from, separated by commas; empty: only the server’s own'),
    transports: z
      .enum(['all', 'websocket'])
      .default('all')
      .describe('`websocket`: no long polling, so that a load balancer needs no sticky sessions'),
    routing: z
      .union([
        z.string().transform((text, context) => readable(text, context, parseRouting)),
        z.record(z.string(), columns),
      ])
      .default({})
      .describe('JSON: table → column, columns or `"*"`; who gets the changes of a table'),
    filters: z
      .union([z.string().transform((text, context) => readable(text, context, parseFilters)), z.array(z.string())])
      .default([])
      .describe('`table.column`, separated by commas: columns that are never sent'),
    source: z.string().min(1).default('database').describe('`source` of the changes'),
    exactNumbers: z
      .enum(['number', 'text'])
      .default('number')
      .describe('What a number becomes that JavaScript cannot hold: the nearest one, or text with all its digits'),
    authUrl: secret(
      z.string().regex(/^(?:postgres(?:ql)?|mysql|mariadb):\/\//, 'must be a postgres:// or mysql:// URL'),
    )
      .optional()
      .describe('Database in which tokens are looked up'),
    authTable: z
      .string()
      .min(1)
      .default('auth')
      .describe('Table of the tokens; `schema.table` for one of another schema'),
    authColumn: z.string().min(1).default('token').describe('Column that holds the token'),
    authIdColumn: z.string().min(1).default('id').describe('Column that holds the user’s id'),
    jwksUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Keys (JWKS) that signed JWTs are checked with'),
    jwtIssuer: z.string().min(1).optional().describe('`iss` that JWTs must have'),
    jwtAudience: z.string().min(1).optional().describe('`aud` that JWTs must have'),
    jwtUserClaim: z.string().min(1).default('sub').describe('Claim that holds the user’s id'),
    development: flag.default(false).describe('Accept the token `TEST` as user -1'),
    republish: flag.default(false).describe('Sockets may send `event` to their own user'),
    slowClients: z
      .enum(['drop', 'skip'])
      .default('drop')
      .describe('A client that does not keep up is disconnected, or skips changes until it has caught up'),
    maxBufferBytes: whole(1_024, 2 ** 30)
      .default(8 * 2 ** 20)
      .describe('A client is slow once this much waits for it; one change always fits'),
    maxMessageBytes: whole(1_024, 2 ** 27)
      .default(1_000_000)
      .describe('Longest message that a client may send; a longer one ends its connection'),
    replaySeconds: whole(0, 3_600)
      .default(60)
      .describe('How long a client may be away and still be sent what it missed; 0: no replay'),
    replayBytes: whole(0, 2 ** 30)
      .default(16 * 2 ** 20)
      .describe('How much is kept for replay, for all clients together'),
    adapter: z.enum(['none', 'redis', 'cluster']).default('none').describe('What connects several servers'),
    redisUrl: secret(z.string().regex(/^rediss?:\/\//, 'must be a redis:// URL'))
      .optional()
      .describe('Redis of the adapter `redis`'),
    timeoutMs: whole(100, 600_000)
      .default(10_000)
      .describe('Give up on looking up a token, and on starting, after this long'),
  })
  .refine(({ adapter, redisUrl }) => adapter !== 'redis' || redisUrl !== undefined, {
    path: ['redisUrl'],
    message: 'is needed for the adapter redis',
  })
  .refine(({ authUrl, jwksUrl }) => authUrl === undefined || jwksUrl === undefined, {
    path: ['jwksUrl'],
    message: 'tokens are either looked up (authUrl) or JWTs (jwksUrl), not both',
  })

export type SocketioConfig = z.output<typeof configSchema>

const inQuery = Object.keys(configSchema.shape).filter((key) => !['host', 'port', 'path'].includes(key))

/** `socketio://[host:port][/path]?option=value` → input of {@link configSchema}. Throws `EdsError('configuration')`. */
export function parseConfigUrl(url: string): unknown {
  const { hosts, user, path, query } = parseUrl(url)
  const [address] = hosts
  if (hosts.length > 1 || user !== undefined || (address !== undefined && address.port === undefined)) {
    throw new EdsError('configuration', 'the socketio:// URL has a user, several hosts or a host without a port', {
      fix: 'write socketio://0.0.0.0:3000/socket.io for a server of its own, socketio:///socket.io for that of the program',
    })
  }
  const unknown = Object.keys(query).find((name) => !inQuery.includes(name))
  if (unknown !== undefined) {
    const fix = `the parameters are ${inQuery.join(', ')}`
    throw new EdsError('configuration', `the socketio:// URL has an unknown parameter "${unknown}"`, { fix })
  }
  return { ...query, ...address, ...(path.length > 1 ? { path } : {}) }
}

/** Config → URL that {@link parseConfigUrl} reads back as the same. Options that have their default value are left out. */
export function formatConfigUrl(config: SocketioConfig): string {
  const defaults: Readonly<Record<string, unknown>> = configSchema.parse({})
  const query: Record<string, string> = {}
  for (const [name, value] of Object.entries(config)) {
    if (!inQuery.includes(name) || value === undefined || toText(value) === toText(defaults[name])) continue
    query[name] = toText(value)
  }
  const hosts = config.port === undefined ? [] : [{ host: config.host, port: config.port }]
  return formatUrl({ scheme: 'socketio', hosts, path: config.path, query })
}

function toText(value: unknown): string {
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
