import { EdsError, formatUrl, parseUrl, secret } from '@eds/core'
import { z } from 'zod'

/** Settings of the destination. Their descriptions are the option table of the README, help texts and hints in forms. */
export const configSchema = z.strictObject({
  host: z.string().min(1).describe('Host name or address of the receiver'),
  port: z.coerce.number().int().min(1).max(65_535).optional().describe('Its port; default: that of HTTPS or HTTP'),
  path: z.string().startsWith('/').default('/').describe('Path that takes the events'),
  token: secret(z.string().min(1)).optional().describe('Bearer token, where the receiver asks for one'),
  tls: z.union([z.boolean(), z.stringbool()]).default(true).describe('Speak HTTPS; `false`: plain HTTP'),
  timeoutMs: z.coerce.number().int().min(100).default(30_000).describe('Give up on a request after this long'),
})

export type __Class__Config = z.output<typeof configSchema>

/** `__scheme__://:token@host:port/path?tls=false&timeoutMs=500` → input of {@link configSchema}. */
export function parseConfigUrl(url: string): unknown {
  const { hosts, user, password, path, query } = parseUrl(url)
  const [host, ...others] = hosts
  if (host === undefined || others.length > 0 || user !== undefined) {
    const fix = 'write __scheme__://:<token>@<host>/<path>'
    throw new EdsError('configuration', 'the URL must have one host and no user', { fix })
  }
  const given = {
    ...host,
    ...(path === '' ? {} : { path }),
    ...(password === undefined ? {} : { token: password }),
  }
  const twice = Object.keys(query).find((name) => name in given)
  if (twice !== undefined) throw new EdsError('configuration', `the URL says twice what ${twice} is`)
  return { ...query, ...given }
}

const defaults = configSchema.parse({ host: 'any' })

/** Config → URL that {@link parseConfigUrl} reads back as the same. What has its default value is left out. */
export function formatConfigUrl(config: __Class__Config): string {
  const { host, port, path, token, tls, timeoutMs } = config
  return formatUrl({
    scheme: '__scheme__',
    ...(token === undefined ? {} : { password: token }),
    hosts: [port === undefined ? { host } : { host, port }],
    path: path === defaults.path ? '' : path,
    query: {
      ...(tls === defaults.tls ? {} : { tls: String(tls) }),
      ...(timeoutMs === defaults.timeoutMs ? {} : { timeoutMs: String(timeoutMs) }),
    },
  })
}
