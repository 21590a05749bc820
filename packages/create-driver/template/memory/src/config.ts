import { EdsError, formatUrl, parseUrl, secret } from '@eds/core'
import { z } from 'zod'

/** Settings of the destination. Their descriptions are the option table of the README, help texts and hints in forms. */
export const configSchema = z.strictObject({
  store: z.string().min(1).describe('Name of the store'),
  password: secret(z.string().min(1)).optional().describe('Its password, where it has one'),
  maxEventBytes: z.coerce.number().int().min(1).default(1_048_576).describe('Refuse events that are larger'),
  timeoutMs: z.coerce.number().int().min(100).default(30_000).describe('Give up on a call after this long'),
})

export type __Class__Config = z.output<typeof configSchema>

/** `__scheme__://:password@store?timeoutMs=500` → input of {@link configSchema}. */
export function parseConfigUrl(url: string): unknown {
  const { hosts, user, password, path, query } = parseUrl(url)
  const [host, ...others] = hosts
  if (host === undefined || host.port !== undefined || others.length > 0 || user !== undefined || path.length > 1) {
    const fix = 'write __scheme__://:<password>@<store>'
    throw new EdsError('configuration', 'the URL must name one store and nothing else', { fix })
  }
  const given = { store: host.host, ...(password === undefined ? {} : { password }) }
  const twice = Object.keys(query).find((name) => name in given)
  if (twice !== undefined) throw new EdsError('configuration', `the URL says twice what ${twice} is`)
  return { ...query, ...given }
}

const defaults = configSchema.parse({ store: 'any' })

/** Config → URL that {@link parseConfigUrl} reads back as the same. What has its default value is left out. */
export function formatConfigUrl({ store, password, maxEventBytes, timeoutMs }: __Class__Config): string {
  return formatUrl({
    scheme: '__scheme__',
    ...(password === undefined ? {} : { password }),
    hosts: [{ host: store }],
    path: '',
    query: {
      ...(maxEventBytes === defaults.maxEventBytes ? {} : { maxEventBytes: String(maxEventBytes) }),
      ...(timeoutMs === defaults.timeoutMs ? {} : { timeoutMs: String(timeoutMs) }),
    },
  })
}
