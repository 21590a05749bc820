import { resolve } from 'node:path'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { usageError } from '../exit-codes.js'
import { type CommonSettings, readCommonSettings } from './common.js'
import { type DestinationSettings, readDestinationSettings } from './destination.js'
import { flag, readOptions, text, texts, wholeNumber } from './option-types.js'

const importOptions = z.object({
  dir: text.optional(),
  only: texts.optional(),
  companyIds: texts.optional(),
  locationIds: texts.optional(),
  confirm: flag.optional(),
  delete: flag.optional(),
  dryRun: flag.optional(),
  schemaOnly: flag.optional(),
  validateOnly: flag.optional(),
  parallel: wholeNumber(1, 64).optional(),
  single: flag.optional(),
})

/** How much of an import is done. */
export type ImportScope = 'all' | 'dry-run' | 'schema-only' | 'validate-only'

export interface ImportSettings extends CommonSettings, DestinationSettings {
  /** Absolute; absent only where no file is needed. */
  readonly directory?: string
  readonly scope: ImportScope
  /** False: the user need not be asked. */
  readonly confirm: boolean
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
  const { dir, only = [], companyIds = [], locationIds = [], parallel = 4, single = false } = options
  if (dir === undefined && scope !== 'validate-only') {
    throw usageError('--dir is missing', 'name the folder with the exported files')
  }
  return {
    ...common,
    ...destination,
    scope,
    confirm: options.confirm !== false && scope === 'all',
    replace: options.delete !== false && !single,
    only,
    companyIds,
    locationIds,
    parallel,
    single,
    ...(dir !== undefined && { directory: resolve(call.io.workingDirectory, dir) }),
  }
}

function scopeOf({ dryRun, schemaOnly, validateOnly }: z.infer<typeof importOptions>): ImportScope {
  const chosen: ImportScope[] = [
    ...(dryRun ? ['dry-run' as const] : []),
    ...(schemaOnly ? ['schema-only' as const] : []),
    ...(validateOnly ? ['validate-only' as const] : []),
  ]
  if (chosen.length > 1) throw usageError(`--${chosen.join(' and --')} exclude each other`, 'choose one')
  return chosen[0] ?? 'all'
}
