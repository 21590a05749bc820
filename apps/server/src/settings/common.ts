import { resolve } from 'node:path'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import type { LogSettings } from '../logging/create-logger.js'
import { flag, oneOf, readOptions, text } from './option-types.js'

const commonOptions = z.object({
  dataDir: text.optional(),
  verbose: flag.optional(),
  silent: flag.optional(),
  timestamp: flag.optional(),
  logFormat: oneOf('human', 'json').optional(),
  logLabel: text.optional(),
  logFileSink: text.optional(),
  keepLogs: flag.optional(),
  schemaValidator: text.optional(),
})

export interface CommonSettings {
  /** Absolute. */
  readonly dataDirectory: string
  readonly log: LogSettings
  /** Absolute: where the rules lie by which events are validated. */
  readonly validatorDirectory?: string
}

/** The settings that every command has. */
export function readCommonSettings(call: CommandCall): CommonSettings {
  const options = readOptions(commonOptions, call)
  const dataDirectory = resolve(call.io.workingDirectory, options.dataDir ?? 'data')
  const { schemaValidator } = options
  return {
    dataDirectory,
    ...(schemaValidator !== undefined && { validatorDirectory: resolve(call.io.workingDirectory, schemaValidator) }),
    log: {
      level: options.silent ? 'silent' : options.verbose ? 'debug' : 'info',
      format: options.logFormat ?? 'human',
      timestamps: options.timestamp ?? false,
      // https://no-color.org
      colors: (call.io.environment.NO_COLOR ?? '') === '',
      keepFiles: options.keepLogs ?? false,
      ...(options.logLabel !== undefined && { label: options.logLabel }),
      ...(options.logFileSink !== undefined && { file: resolve(dataDirectory, 'logs', options.logFileSink) }),
    },
  }
}
