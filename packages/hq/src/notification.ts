import { gunzipSync } from 'node:zlib'
import { Unpackr } from 'msgpackr'
import { z } from 'zod'

const backfill = z.boolean().nullish().transform(Boolean)
const isSubject = /^[^\s*>]+$/

const shapes = {
  ping: z.object({ subject: z.string().regex(isSubject) }),
  restart: z.unknown().optional(),
  shutdown: z
    .object({ message: z.string().nullish(), deleted: z.boolean().nullish() })
    .nullish()
    .transform((data) => ({ message: data?.message ?? '', deleted: data?.deleted === true })),
  pause: z.unknown().optional(),
  unpause: z.unknown().optional(),
  upgrade: z.object({ version: z.string().min(1) }),
  sendlogs: z.unknown().optional(),
  configure: z.object({ url: z.string().min(1), backfill }),
  import: z
    .object({ backfill })
    .nullish()
    .transform((data) => data ?? { backfill: false }),
  driverconfig: z.unknown().optional(),
  validate: z.object({ driver: z.string().min(1), config: z.record(z.string(), z.unknown()) }),
}

type Shapes = typeof shapes
export type Action = keyof Shapes

/** Actions without data have none to look at. */
type Asked<A extends Action> =
  unknown extends z.output<Shapes[A]>
    ? { readonly action: A; readonly data?: unknown }
    : { readonly action: A; readonly data: z.output<Shapes[A]> }

/** What HQ asks. */
export type Notification = { [A in Action]: Asked<A> }[Action]

const notification = z.discriminatedUnion('action', [
  z.object({ action: z.literal('ping'), data: shapes.ping }),
  z.object({ action: z.literal('restart'), data: shapes.restart }),
  z.object({ action: z.literal('shutdown'), data: shapes.shutdown }),
  z.object({ action: z.literal('pause'), data: shapes.pause }),
  z.object({ action: z.literal('unpause'), data: shapes.unpause }),
  z.object({ action: z.literal('upgrade'), data: shapes.upgrade }),
  z.object({ action: z.literal('sendlogs'), data: shapes.sendlogs }),
  z.object({ action: z.literal('configure'), data: shapes.configure }),
  z.object({ action: z.literal('import'), data: shapes.import }),
  z.object({ action: z.literal('driverconfig'), data: shapes.driverconfig }),
  z.object({ action: z.literal('validate'), data: shapes.validate }),
])

/** `action` is safe as part of a subject; `unknown` when the message names none. */
export type DecodedNotification =
  | { readonly notification: Notification }
  | { readonly action: string; readonly problem: string }

/** A few kilobytes of gzip can hold gigabytes. */
const maxBytes = 16 * 1024 * 1024

const unpackr = new Unpackr({ mapsAsObjects: true, useRecords: false, int64AsType: 'number' })

/** Reads a message of HQ. Never throws, and no problem quotes a value, which may be a secret. Pure. */
export function decodeNotification(data: Uint8Array, encoding: string): DecodedNotification {
  let message: unknown
  try {
    message = unpack(data, encoding.toLowerCase())
  } catch {
    return { action: 'unknown', problem: `the notification cannot be read as ${encoding || 'JSON'}` }
  }
  const named = z.object({ action: z.string(), data: z.unknown().optional() }).safeParse(message)
  if (!named.success) return { action: 'unknown', problem: 'the notification names no action' }
  const action = safeToken(named.data.action)
  if (!Object.hasOwn(shapes, named.data.action)) return { action, problem: `there is no action "${action}"` }
  const parsed = notification.safeParse({ action: named.data.action, data: named.data.data })
  return parsed.success ? { notification: parsed.data } : { action, problem: describe(action, parsed.error) }
}

function unpack(data: Uint8Array, encoding: string): unknown {
  if (encoding === 'msgpack') return unpackr.unpack(data)
  const isGzip = encoding === 'gzip/json' || encoding === 'gzip'
  if (!isGzip && !['', 'json', 'identity'].includes(encoding)) throw new Error('unknown encoding')
  const bytes = isGzip ? gunzipSync(data, { maxOutputLength: maxBytes }) : data
  return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
}

function describe(action: string, { issues }: z.ZodError): string {
  const fields = [...new Set(issues.map(({ path }) => path.join('.')))].join(', ')
  return `the notification "${action}" has missing or wrong values: ${fields}`
}

function safeToken(name: string): string {
  return /^[\w-]{1,64}$/.test(name) ? name : 'unknown'
}
