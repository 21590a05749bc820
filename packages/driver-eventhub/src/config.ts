import { EdsError, type FormField, secret } from '@eds/core'
import { z } from 'zod'
import { formatConnectionString, type HubAddress, parseConnectionString } from './connection-string.js'

/** Settings of an Event Hubs destination. */
export const configSchema = z.strictObject({
  connectionString: secret(
    z
      .string()
      .overwrite(normalize)
      .superRefine((text, context) => {
        const address = parseConnectionString(text)
        if ('fault' in address) context.addIssue(address.fault)
      }),
  ).describe(
    '`Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…;EntityPath=…`; without a key the Azure identity is used',
  ),
  parallelSends: z.coerce
    .number()
    .int()
    .min(1)
    .max(250)
    .default(64)
    .describe('How many partition keys are sent at a time'),
  requestTimeoutMs: z.coerce.number().int().min(100).default(15_000).describe('Give up on an answer after this long'),
})

export type EventHubConfig = z.output<typeof configSchema>

export const formFields: readonly FormField[] = [
  {
    name: 'Connection String',
    key: 'connectionString',
    type: 'string',
    format: 'password',
    description: 'The connection string of the event hub, with its EntityPath',
    required: true,
  },
]

function normalize(text: string): string {
  const address = parseConnectionString(text)
  return 'fault' in address ? text : formatConnectionString(address)
}

/** Options that stand in the URL as further parts. */
const urlOptions: ReadonlyMap<string, keyof EventHubConfig> = new Map([
  ['parallelsends', 'parallelSends'],
  ['requesttimeoutms', 'requestTimeoutMs'],
])

/** URL → input of {@link configSchema}. Throws `EdsError('configuration')` without quoting a secret. */
export function parseConfigUrl(url: string): unknown {
  const options: Partial<Record<keyof EventHubConfig, string>> = {}
  const parts = url.split(';').filter((item) => {
    const equals = item.indexOf('=')
    const option = urlOptions.get(item.slice(0, Math.max(equals, 0)).trim().toLowerCase())
    if (option !== undefined) options[option] = item.slice(equals + 1).trim()
    return option === undefined
  })
  const address = parseConnectionString(parts.join(';'))
  if ('fault' in address) throw new EdsError('configuration', `the Event Hubs URL ${address.fault}`)
  return { ...options, connectionString: formatConnectionString(address) }
}

const defaults = configSchema.parse({ connectionString: 'Endpoint=sb://any/;EntityPath=any' })

/** Config → URL that {@link parseConfigUrl} reads back as the same. */
export function formatConfigUrl({ connectionString, parallelSends, requestTimeoutMs }: EventHubConfig): string {
  const url = connectionString.replace(/^Endpoint=sb:/, 'eventhub:')
  const sends = parallelSends === defaults.parallelSends ? '' : `;ParallelSends=${parallelSends}`
  const timeout = requestTimeoutMs === defaults.requestTimeoutMs ? '' : `;RequestTimeoutMs=${requestTimeoutMs}`
  return url + sends + timeout
}

/** Where the events go. */
export function addressOf({ connectionString }: EventHubConfig): HubAddress {
  const address = parseConnectionString(connectionString)
  if ('fault' in address) throw new EdsError('configuration', `the connection string ${address.fault}`)
  return address
}
