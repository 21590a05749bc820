import { z } from 'zod'

/** Which of an endpoint's events a message holds. `BOUNDARIES`: the first and the last. */
export const selections = ['ALL', 'FIRST', 'LAST', 'BOUNDARIES'] as const
export type Selection = (typeof selections)[number]

export const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'] as const

/** In any case in the configuration; upper case behind it. */
function upperCase<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.preprocess((value) => (typeof value === 'string' ? value.toUpperCase() : value), z.enum(values))
}

const triggerSchema = z.object({
  type: z
    .preprocess((value) => (typeof value === 'string' ? value.toLowerCase() : value), z.enum(['window', 'none']))
    .describe('`window`: a message as soon as every endpoint has enough events; `none`: only by request'),
  observationPeriod: z.int().positive().describe('Only events of the last so many seconds count'),
  keepEventAfterTrigger: z.boolean().default(false).describe('Events stay, and count again, after a message with them'),
})

const endpointSchema = z.object({
  eventKey: z
    .string()
    .regex(/^[^/?#\s]+$/, 'must be one part of a path: no slash, question mark, hash or space')
    .refine((key) => key !== 'trigger', 'cannot be "trigger": /event/trigger is a request of its own')
    .refine((key) => key !== '__proto__', 'cannot be "__proto__"')
    .describe('Name of the endpoint: its path is `/event/<eventKey>`; unique'),
  acceptedHttpMethods: z.array(upperCase(httpMethods)).optional().describe('Methods that it takes; default: all'),
  eventToSend: upperCase(selections).default('ALL').describe('Which of its events a message holds'),
  minNbOfOccurrence: z.int().positive().max(100_000).default(1).describe('How many events it must have'),
})

const topicPath = /^projects\/[^/\s]+\/topics\/[^/\s]+$/

/** https://cloud.google.com/resource-manager/docs/creating-managing-projects; older ones have the domain of their organisation before them. */
export const projectIdPattern = /^(?:[a-z0-9.-]+:)?[a-z0-9][a-z0-9-]*$/
const projectRule = 'must name a project by its id: lower-case letters, digits and hyphens'

/** https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
const topicName = /^(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/
const topicRule =
  'must end in the name of a topic: 3 to 255 letters, digits and - . _ ~ + %, with a letter first, and not "goog"'

const targetSchema = z.object({
  topic: z
    .string()
    .regex(topicPath, { message: 'must be projects/<project id>/topics/<topic name>', abort: true })
    .refine((path) => projectIdPattern.test(path.split('/')[1] ?? ''), { message: projectRule })
    .refine((path) => topicName.test(path.split('/')[3] ?? ''), { message: topicRule })
    .describe('Topic that the messages go to: `projects/<project id>/topics/<topic name>`'),
})

/** Configuration of a synchronisation, in the form that EventSync has. Check with `checkSyncConfig`, which finds more. */
export const syncConfigSchema = z.object({
  serviceName: z.string().min(1).describe('Name of the service; the store and the messages carry it'),
  trigger: triggerSchema.describe('When a message goes out'),
  endpoints: z.array(endpointSchema).min(2).describe('Where events come in: two at least'),
  targetPubSub: targetSchema.optional().describe('Pub/Sub topic that the messages go to'),
})

export type SyncConfig = z.output<typeof syncConfigSchema>
export type SyncTrigger = SyncConfig['trigger']
export type SyncEndpoint = SyncConfig['endpoints'][number]

/** True when the endpoint takes requests of this method (any case). */
export function acceptsMethod({ acceptedHttpMethods }: SyncEndpoint, method: string): boolean {
  if (acceptedHttpMethods === undefined || acceptedHttpMethods.length === 0) return true
  return acceptedHttpMethods.some((accepted) => accepted === method.toUpperCase())
}

/** JSON Schema (2020-12) of what may be written, for editors. */
export function syncConfigJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(syncConfigSchema, { io: 'input', unrepresentable: 'any' }),
    title: 'EventSync configuration',
  }
}
