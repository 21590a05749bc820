import { resolve } from 'node:path'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { usageError } from '../exit-codes.js'
import { type CommonSettings, readCommonSettings } from './common.js'
import { flag, readOptions, wholeNumber } from './option-types.js'
import { readSourceSettings, type SourceSettings } from './source.js'

const publishOptions = z.object({ create: flag.optional(), rate: wholeNumber(1).optional() })

export interface PublishSettings extends CommonSettings {
  readonly target: SourceSettings
  /** Absolute paths of files and folders, or `-` for standard input. */
  readonly paths: readonly string[] | '-'
  readonly create: boolean
  /** Events per second; absent: as fast as it goes. */
  readonly rate?: number
}

export function readPublishSettings(call: CommandCall): PublishSettings {
  const { create = false, rate } = readOptions(publishOptions, call)
  const { operands, io } = call
  if (operands.length === 0 && io.stdin.isTTY === true) {
    throw usageError('nothing to publish', 'name files, or - for standard input')
  }
  if (operands.length > 1 && operands.includes('-'))
    throw usageError('- does not go with files', 'publish one after the other')
  const fromInput = operands.length === 0 || operands[0] === '-'
  return {
    ...readCommonSettings(call),
    target: readSourceSettings(call),
    paths: fromInput ? '-' : operands.map((path) => resolve(io.workingDirectory, path)),
    create,
    ...(rate !== undefined && { rate }),
  }
}
