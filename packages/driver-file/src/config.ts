import { isAbsolute, resolve } from 'node:path'
import { EdsError, type FormField, formatUrl, parseUrl } from '@eds/core'
import { z } from 'zod'

const directory = z
  .string()
  .refine((path) => isAbsolute(path), 'must be an absolute path')
  .refine((path) => !path.includes('\u0000'), 'must not hold a NUL character')
  .refine((path) => resolve(path) !== '/', 'must not be the root directory')
  .refine((path) => Buffer.byteLength(path) <= 3_000, 'must not be longer than 3,000 bytes')
  .describe('Directory to write to. It is created when it is not there.')

const size = z
  .string()
  .refine((text) => parseSize(text) !== undefined, 'must be a size such as 128MB or 1GiB')
  .optional()

const interval = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'must be a duration such as 30m or 24h')
  .optional()

export const fileConfig = z
  .strictObject({
    directory,
    format: z
      .enum(['json', 'ndjson'])
      .default('json')
      .describe('`json`: one file per event. `ndjson`: one growing file per table, one event per line.'),
    rotateSize: size.describe(
      'With `ndjson`: begin a new file before one grows beyond this size (`128MB`). Default: never.',
    ),
    rotateInterval: interval.describe('With `ndjson`: begin a new file when one is this old (`1h`). Default: never.'),
  })
  .refine(
    ({ format, rotateSize, rotateInterval }) => format === 'ndjson' || (rotateSize ?? rotateInterval) === undefined,
    'rotate-size and rotate-interval need format=ndjson',
  )

export type FileConfig = z.infer<typeof fileConfig>

export const fileForm: readonly FormField[] = [
  {
    name: 'Directory',
    key: 'directory',
    type: 'string',
    description: 'Directory to write to, as an absolute path. It is created when it is not there.',
    required: true,
  },
]

/** URL parameter → configuration key. */
const parameters: Readonly<Record<string, string>> = {
  format: 'format',
  'rotate-size': 'rotateSize',
  'rotate-interval': 'rotateInterval',
}

export function parseFileUrl(url: string): unknown {
  const { hosts, user, path, query } = parseUrl(url)
  if (hosts.some(({ host }) => host !== 'localhost') || user !== undefined) {
    const fix = 'write three slashes: file:///absolute/directory'
    throw new EdsError('configuration', 'the file:// URL names a host, but only local directories can be written', {
      fix,
    })
  }
  const options = Object.entries(query).map(([name, value]) => [parameterKey(name), value] as const)
  return { ...Object.fromEntries(options), directory: path }
}

function parameterKey(name: string): string {
  const key = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (key !== undefined) return key
  const fix = `the parameters are ${Object.keys(parameters).join(', ')}`
  throw new EdsError('configuration', `the file:// URL has an unknown parameter "${name}"`, { fix })
}

export function formatFileUrl(config: FileConfig): string {
  const { directory, format, rotateSize, rotateInterval } = config
  const query = {
    ...(format === 'json' ? {} : { format }),
    ...(rotateSize === undefined ? {} : { 'rotate-size': rotateSize }),
    ...(rotateInterval === undefined ? {} : { 'rotate-interval': rotateInterval }),
  }
  return formatUrl({ scheme: 'file', hosts: [], path: directory, query })
}

const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
}

/** `128MB` → bytes; `undefined` when it is no size, or nothing. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,9})\s?([a-z]*)$/i.exec(text) ?? []
  const factor = sizeUnits[unit.toLowerCase()]
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor || undefined
}

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** `1h30m` → milliseconds; `undefined` when it is no duration, or nothing. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:ms|s|m|h))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h)/g)]
  return (
    parts.reduce((total, [, amount, unit = '']) => total + Number(amount) * (durationUnits[unit] ?? 0), 0) || undefined
  )
}
