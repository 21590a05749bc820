import { resolve } from 'node:path'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { type CommonSettings, readCommonSettings } from './common.js'
import { type HqSettings, readHqSettings } from './hq.js'
import { readOptions, text, texts } from './option-types.js'

const exportOptions = z.object({ tables: texts.optional(), output: text.optional() })

export interface ExportSettings extends CommonSettings {
  readonly hq: HqSettings
  /** Empty: all. */
  readonly tables: readonly string[]
  /** Absolute; absent: in the working directory, as HQ names the file. */
  readonly output?: string
}

/** @throws CommandFailure (exit code 3) without an API key */
export async function readExportSettings(call: CommandCall): Promise<ExportSettings> {
  const { tables = [], output } = readOptions(exportOptions, call)
  return {
    ...readCommonSettings(call),
    hq: await readHqSettings(call),
    tables,
    ...(output !== undefined && { output: resolve(call.io.workingDirectory, output) }),
  }
}
