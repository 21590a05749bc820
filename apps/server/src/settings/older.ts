import { resolve } from 'node:path'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { usageError } from '../exit-codes.js'
import { duration, flag, readOptions, text } from './option-types.js'

const longestBackMs = 168 * 60 * 60_000
const olderOptions = z.object({
  creds: text.optional(),
  consumerSuffix: text.optional(),
  consumerPrefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'must consist of letters, digits, _ and -')
    .optional(),
  consumerStartTime: duration.optional(),
  dumpDir: text.optional(),
  dryRun: flag.optional(),
  importer: text.optional(),
  traceNats: flag.optional(),
})

/** What the older generation of the EDS server is told besides what every server is told. */
export interface OlderSettings {
  /** Absolute. */
  readonly credentialsFile: string
  /** Goes before the names of the consumers. */
  readonly consumerPrefix: string
  /** How far back a new consumer begins, milliseconds. */
  readonly startBackMs?: number
  /** Absolute. */
  readonly dumpDirectory?: string
  readonly dryRun: boolean
  /** Absolute: the folder to import from, instead of delivering. */
  readonly importDirectory?: string
  readonly traceNats: boolean
}

/**
 * Reads the options of the older generation. `undefined` when this is not its command line: it has credentials, and does not ask for
 * the consumer of its successor by `--consumer-suffix`.
 *
 * @throws CommandFailure (exit code 3) for an option of the older generation without credentials
 */
export function readOlderSettings(call: CommandCall): OlderSettings | undefined {
  const options = readOptions(olderOptions, call)
  const { creds, consumerSuffix, consumerPrefix = '', consumerStartTime, dumpDir, importer } = options
  const olderOnly = (['consumerPrefix', 'consumerStartTime', 'dumpDir', 'dryRun', 'importer'] as const).find(
    (name) => options[name] !== undefined,
  )
  if (creds === undefined || consumerSuffix !== undefined) {
    if (olderOnly === undefined) return undefined
    const fix = creds === undefined ? 'give the credentials by --creds' : 'leave --consumer-suffix out'
    throw usageError(`${call.flagOf(olderOnly)} does not go with this`, fix)
  }
  if (consumerStartTime !== undefined && consumerStartTime > longestBackMs) {
    throw usageError('--consumer-start-time is too long ago', 'give 168h or less')
  }
  const pathOf = (path: string) => resolve(call.io.workingDirectory, path)
  return {
    credentialsFile: pathOf(creds),
    consumerPrefix,
    dryRun: options.dryRun ?? false,
    traceNats: options.traceNats ?? false,
    ...(consumerStartTime !== undefined && { startBackMs: consumerStartTime }),
    ...(dumpDir !== undefined && { dumpDirectory: pathOf(dumpDir) }),
    ...(importer !== undefined && { importDirectory: pathOf(importer) }),
  }
}
