import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { usageError } from '../exit-codes.js'
import type { ModeFacts } from '../supervisor/mode.js'
import { readCommonSettings } from './common.js'
import { type ConfigFile, readConfigFile } from './config-file.js'
import { duration, flag, readOptions, text } from './option-types.js'

const httpUrl = text.refine((url) => /^https?:\/\/./i.test(url), 'must begin with http:// or https://')
const hqOptions = z.object({
  apiKey: text.optional(),
  apiUrl: httpUrl.optional(),
  edsId: text.optional(),
  renewInterval: duration.optional(),
  noRestart: flag.optional(),
})

/** How this server stands with HQ. */
export interface HqSettings {
  /** A secret. */
  readonly apiKey: string
  /** Overrides the address that the API key names. */
  readonly apiUrl?: string
  /** Empty when HQ has not been asked for one. */
  readonly serverId: string
  readonly renewIntervalMs: number
  /** False: the program ends when its worker crashes. */
  readonly restartsWorker: boolean
}

const dayMs = 24 * 60 * 60_000
const shortestIntervalMs = 1_000

/**
 * Reads how to reach HQ. The redactor learns the API key.
 *
 * @throws CommandFailure (exit code 3) without an API key
 */
export async function readHqSettings(call: CommandCall): Promise<HqSettings> {
  const { apiKey: given, apiUrl, edsId, renewInterval = dayMs, noRestart = false } = readOptions(hqOptions, call)
  const { token, serverId } = await configOf(call)
  const apiKey = given ?? environmentKey(call) ?? token
  if (apiKey === undefined) throw usageError('there is no API key', 'enroll this server with eds enroll <code>')
  call.redactor.add([apiKey])
  if (renewInterval < shortestIntervalMs) throw usageError('--renew-interval is too short', 'give one second or more')
  return {
    apiKey,
    serverId: edsId ?? serverId ?? '',
    renewIntervalMs: renewInterval,
    restartsWorker: !noRestart,
    ...(apiUrl !== undefined && { apiUrl }),
  }
}

/** As {@link readHqSettings}; `undefined` without an API key. */
export async function findHqSettings(call: CommandCall): Promise<HqSettings | undefined> {
  const { hasApiKey, hasToken } = await readModeFacts(call)
  return hasApiKey || hasToken ? readHqSettings(call) : undefined
}

/** `--api-url`, where it is all that is needed of HQ. */
export function readApiUrl(call: CommandCall): string | undefined {
  return readOptions(hqOptions, call).apiUrl
}

/** What decides between the modes of `eds server`. */
export async function readModeFacts(call: CommandCall): Promise<ModeFacts> {
  const { options, operands, io } = call
  const { apiKey, edsId } = readOptions(hqOptions, call)
  const { token, serverId, url } = await configOf(call)
  const isGiven = (...names: string[]) => names.some((name) => options[name] !== undefined)
  return {
    hasApiKey: apiKey !== undefined || environmentKey(call) !== undefined,
    hasToken: token !== undefined,
    hasServerId: edsId !== undefined || serverId !== undefined,
    hasDirectOption: isGiven('creds', 'schema', 'stream', 'source'),
    hasDestination: isGiven('url', 'server') || operands.length > 0 || url !== undefined,
    isTerminal: io.stdin.isTTY === true,
  }
}

function configOf(call: CommandCall): Promise<ConfigFile> {
  return readConfigFile(readCommonSettings(call).dataDirectory)
}

function environmentKey({ io }: CommandCall): string | undefined {
  return io.environment.SM_APIKEY || undefined
}
