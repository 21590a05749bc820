import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CommandCall } from '../command.js'
import { usageError } from '../exit-codes.js'
import type { ModeFacts } from '../supervisor/mode.js'

/** What a configuration file may be called, the first that is there counts. */
export const configNames = [
  'eds.config.ts',
  'eds.config.mts',
  'eds.config.js',
  'eds.config.mjs',
  'eds.config.yaml',
  'eds.config.yml',
  'eds.config.json',
] as const

/**
 * The configuration file that was asked for, or the one in the working directory. `undefined`: there is none.
 *
 * @throws CommandFailure (exit code 3) when the one asked for is not there, or there are two
 */
export function findConfig(workingDirectory: string, given: string | undefined): string | undefined {
  if (given !== undefined) {
    const path = resolve(workingDirectory, given)
    if (existsSync(path)) return path
    throw usageError(`there is no ${path}`, 'check --config, or make one with eds init')
  }
  const found = configNames.filter((name) => existsSync(join(workingDirectory, name)))
  const [first, second] = found
  if (second !== undefined) {
    throw usageError(`there are ${found.join(' and ')}`, 'say which one with --config, or remove the others')
  }
  return first === undefined ? undefined : join(workingDirectory, first)
}

/** The configuration file that `eds server` goes by. One that merely lies there does not count for a server of HQ's, or of the older generation. */
export function configForServer(
  { options, io }: CommandCall,
  { hasApiKey, hasToken, hasServerId }: Pick<ModeFacts, 'hasApiKey' | 'hasToken' | 'hasServerId'>,
): string | undefined {
  const given = readConfigOption(options)
  const isOther = hasApiKey || hasToken || hasServerId || options.creds !== undefined
  return given === undefined && isOther ? undefined : findConfig(io.workingDirectory, given)
}

/** `--config`. */
export function readConfigOption({ config }: CommandCall['options']): string | undefined {
  return typeof config === 'string' && config !== '' ? config : undefined
}
