import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { type CommonSettings, readCommonSettings } from './common.js'
import { readOptions, text, wholeNumber } from './option-types.js'

const demoOptions = z.object({
  events: wholeNumber(1).optional(),
  rate: wholeNumber(1).optional(),
  url: z.array(text).max(1, 'may be given once').optional(),
  seed: wholeNumber(0).optional(),
  port: wholeNumber(0, 65_535).optional(),
})

export interface DemoSettings extends CommonSettings {
  /** The demo's own folder, absolute. */
  readonly directory: string
  readonly events: number
  /** Events per second; absent: as fast as it goes. */
  readonly rate?: number
  readonly url: string
  /** True when the destination is the demo's own folder. */
  readonly intoFiles: boolean
  readonly seed: number
  /** Absent: no HTTP. */
  readonly port?: number
}

const defaultEvents = 20_000

export function readDemoSettings(call: CommandCall): DemoSettings {
  const common = readCommonSettings(call)
  const { events = defaultEvents, rate, url = [], seed = 1, port } = readOptions(demoOptions, call)
  const directory = join(common.dataDirectory, 'demo')
  return {
    ...common,
    directory,
    events,
    url: url[0] ?? `${pathToFileURL(directory).href}?format=ndjson`,
    intoFiles: url[0] === undefined,
    seed,
    ...(rate !== undefined && { rate }),
    ...(port !== undefined && { port }),
  }
}
