import { resolve } from 'node:path'
import { maskUrl, parseUrl } from '@eds/core'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { usageError } from '../exit-codes.js'
import { readConfigFile } from './config-file.js'
import { readOptions, text, texts } from './option-types.js'
import { type NamedUrl, splitName } from './sink-name.js'

const destinationOptions = z.object({ url: texts.optional(), schema: text.optional() })

/** Where schemas come from, when they are declared. */
export type SchemaSettings =
  | { readonly kind: 'inferred' }
  /** Absolute path of a JSON file. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'http'; readonly baseUrl: string }

/** Where the events go. */
export interface DestinationSettings {
  /** At least one, unless none was demanded. */
  readonly urls: readonly NamedUrl[]
  readonly schema: SchemaSettings
  /** Driver packages that the configuration file lists. */
  readonly drivers: readonly string[]
  /** Whether the configuration file asks to keep old logs. */
  readonly keepLogs: boolean
}

/** Set by the supervisor for a command that it starts: a destination that must not stand on a command line. */
export const destinationVariable = 'EDS_URL'

/**
 * Reads the destinations: from `--url` and the operands, else from the environment, else from the configuration file.
 *
 * @throws CommandFailure (exit code 3) when there is none, unless `isOptional`
 */
export async function readDestinationSettings(
  call: CommandCall,
  dataDirectory: string,
  { operands = call.operands, isOptional = false }: { operands?: readonly string[]; isOptional?: boolean } = {},
): Promise<DestinationSettings> {
  const { url = [], schema } = readOptions(destinationOptions, call)
  const { url: configured, keepLogs = false, drivers = [] } = await readConfigFile(dataDirectory)
  const given = [...url, ...operands]
  const fallback = call.io.environment[destinationVariable] || configured
  const urls = (given.length > 0 ? given : fallback === undefined ? [] : [fallback]).map(splitName)
  if (urls.length === 0 && !isOptional) {
    throw usageError('no destination', 'give one with --url, for instance --url postgres://localhost/shop')
  }
  for (const { url } of urls) call.redactor.add(passwordsIn(url))
  return { urls, schema: readSchemaSettings(schema, call.io.workingDirectory), drivers, keepLogs }
}

export function readSchemaSettings(schema: string | undefined, workingDirectory: string): SchemaSettings {
  if (schema === undefined) return { kind: 'inferred' }
  if (/^https?:\/\//i.test(schema)) return { kind: 'http', baseUrl: schema.replace(/\/v3\/schema\/?$/, '') }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(schema)) {
    throw usageError(`--schema ${maskUrl(schema)} is neither a file nor an http address`)
  }
  return { kind: 'file', path: resolve(workingDirectory, schema) }
}

/** Client libraries like to repeat passwords in their errors. */
function passwordsIn(url: string): string[] {
  try {
    const { password } = parseUrl(url)
    return password === undefined ? [] : [password]
  } catch {
    return []
  }
}
