import { resolve } from 'node:path'
import { baseUrlOfKey } from '@eds/hq'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { usageError } from '../exit-codes.js'
import { type CommonSettings, readCommonSettings } from './common.js'
import { type DestinationSettings, readDestinationSettings } from './destination.js'
import { findHqSettings, type HqSettings } from './hq.js'
import { flag, readOptions, rfc3339, text, texts, wholeNumber } from './option-types.js'

const importOptions = z.object({
  dir: text.optional(),
  jobId: text.optional(),
  timeOffset: rfc3339.optional(),
  only: texts.optional(),
  companyIds: texts.optional(),
  locationIds: texts.optional(),
  confirm: flag.optional(),
  cleanup: flag.optional(),
  delete: flag.optional(),
  dryRun: flag.optional(),
  schemaOnly: flag.optional(),
  validateOnly: flag.optional(),
  parallel: wholeNumber(1, 64).optional(),
  single: flag.optional(),
})

/** How much of an import is done. */
export type ImportScope = 'all' | 'dry-run' | 'schema-only' | 'validate-only'

/** Where the rows come from. */
export type ImportOrigin =
  /** Absolute. */
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 'hq'
      readonly hq: HqSettings
      /** An export that was asked for before. */
      readonly jobId?: string
      /** Only rows changed since, epoch milliseconds. */
      readonly timeOffset?: number
    }
  /** Nothing is read. */
  | { readonly kind: 'none' }

export interface ImportSettings extends CommonSettings, DestinationSettings {
  readonly origin: ImportOrigin
  readonly scope: ImportScope
  /** False: the user need not be asked. */
  readonly confirm: boolean
  /** False: downloaded files stay. */
  readonly cleanup: boolean
  /** False: what the tables hold is kept. */
  readonly replace: boolean
  readonly only: readonly string[]
  readonly companyIds: readonly string[]
  readonly locationIds: readonly string[]
  readonly parallel: number
  readonly single: boolean
}

export async function readImportSettings(call: CommandCall): Promise<ImportSettings> {
  const common = readCommonSettings(call)
  const options = readOptions(importOptions, call)
  const destination = await readDestinationSettings(call, common.dataDirectory)
  if (destination.urls.length > 1) throw usageError('an import has one destination', 'give --url once')
  const scope = scopeOf(options)
  const hq = await findHqSettings(call)
  const { only = [], companyIds = [], locationIds = [], parallel = 4, single = false } = options
  return {
    ...common,
    ...destination,
    // Columns are of the same types, wherever the rows come from.
    ...(hq && destination.schema.kind === 'inferred' && { schema: { kind: 'http', baseUrl: addressOf(hq) } }),
    origin: originOf(call, options, scope, hq),
    scope,
    confirm: options.confirm !== false && scope === 'all',
    cleanup: options.cleanup !== false,
    replace: options.delete !== false && !single,
    only,
    companyIds,
    locationIds,
    parallel,
    single,
  }
}

type Options = z.infer<typeof importOptions>

function originOf(
  call: CommandCall,
  { dir, jobId, timeOffset }: Options,
  scope: ImportScope,
  hq: HqSettings | undefined,
): ImportOrigin {
  if (scope === 'validate-only') return { kind: 'none' }
  if (dir !== undefined) {
    if (jobId !== undefined) throw usageError('--dir and --job-id exclude each other', 'choose one')
    return { kind: 'directory', path: resolve(call.io.workingDirectory, dir) }
  }
  if (!hq) {
    const fix = 'give --api-key or enroll this server, or name a folder of exported files with --dir'
    throw usageError('there is no API key to ask HQ for an export', fix)
  }
  return {
    kind: 'hq',
    hq,
    ...(jobId !== undefined && { jobId }),
    ...(timeOffset !== undefined && { timeOffset }),
  }
}

function addressOf({ apiKey, apiUrl }: HqSettings): string {
  return apiUrl ?? baseUrlOfKey(apiKey)
}

function scopeOf({ dryRun, schemaOnly, validateOnly }: Options): ImportScope {
  const chosen: ImportScope[] = [
    ...(dryRun ? ['dry-run' as const] : []),
    ...(schemaOnly ? ['schema-only' as const] : []),
    ...(validateOnly ? ['validate-only' as const] : []),
  ]
  if (chosen.length > 1) throw usageError(`--${chosen.join(' and --')} exclude each other`, 'choose one')
  return chosen[0] ?? 'all'
}
