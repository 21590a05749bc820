import type { Logger } from '@eds/core'
import { z } from 'zod'
import { CommandFailure, exitCodes } from '../exit-codes.js'
import type { ProgramLogger } from '../logging/create-logger.js'
import { destinationVariable } from '../settings/destination.js'
import { describeExit } from './after-exit.js'
import { type ProgramStart, startProgram } from './child-program.js'

export interface ImportOrder {
  readonly dataDirectory: string
  /** The destination: a secret, as the API key is. */
  readonly url: string
  readonly apiKey: string
  readonly apiUrl?: string
  /** Empty: all that the API key may see. */
  readonly companyIds: readonly string[]
  /** False: make the tables only. */
  readonly backfill: boolean
}

const stopMs = 40_000

/**
 * Runs `eds import` as a process of its own, so that this one stays responsive. Secrets go by its environment.
 *
 * @throws CommandFailure with what it told of the failure, when it fails or the signal aborts
 */
export async function runImportProcess(
  program: ProgramStart,
  order: ImportOrder,
  logger: ProgramLogger,
  signal: AbortSignal,
): Promise<void> {
  const environment = { ...program.environment, SM_APIKEY: order.apiKey, [destinationVariable]: order.url }
  const told = new ImportErrors()
  const { child, ended } = startProgram({ ...program, environment }, importWords(order), (line) => {
    told.hear(line)
    log(line, logger)
  })
  let timer: NodeJS.Timeout | undefined
  const stop = () => {
    child.kill('SIGTERM')
    timer = setTimeout(() => child.kill('SIGKILL'), stopMs)
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const exit = await ended
  clearTimeout(timer)
  signal.removeEventListener('abort', stop)
  if (exit.code === exitCodes.done) return
  throw new CommandFailure(exitCodes.error, told.summary() ?? `the import ended with ${describeExit(exit)}`)
}

/** What the process is started with. Holds no secret. */
export function importWords({ dataDirectory, apiUrl, companyIds, backfill }: ImportOrder): string[] {
  return [
    'import',
    '--no-confirm',
    ...['--data-dir', dataDirectory],
    ...['--log-format', 'json'],
    ...(apiUrl === undefined ? [] : ['--api-url', apiUrl]),
    ...(companyIds.length === 0 ? [] : ['--companyIds', companyIds.join(',')]),
    ...(backfill ? [] : ['--schema-only']),
  ]
}

/** More would not be read. */
const maxReasons = 3

/** What an import tells of its failure: what is wrong with single tables as records of its log, and how it ended. */
export class ImportErrors {
  readonly #reasons: string[] = []
  #end: string | undefined

  hear(line: string): void {
    this.#end = errorIn(line) ?? this.#end
    const reason = reasonIn(line)
    if (reason !== undefined && this.#reasons.length < maxReasons) this.#reasons.push(reason)
  }

  /** `undefined` when it told nothing. */
  summary(): string | undefined {
    const parts = [...this.#reasons, ...(this.#end === undefined ? [] : [this.#end])]
    return parts.length === 0 ? undefined : parts.join('; ')
  }
}

const errorRecord = z.object({ level: z.literal('error'), msg: z.string() })

function reasonIn(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return errorRecord.safeParse(JSON.parse(line)).data?.msg
  } catch {
    return undefined
  }
}

/** What the command tells when it fails, after `error: `. */
function errorIn(line: string): string | undefined {
  return /^error: (.*)$/.exec(line)?.[1]
}

/** Progress comes as plain lines. */
function log(line: string, logger: Pick<Logger, 'info' | 'error'> & Pick<ProgramLogger, 'adopt'>): void {
  const error = errorIn(line)
  if (error !== undefined) logger.error({}, `import: ${error}`)
  else if (line.startsWith('{')) logger.adopt(line)
  else if (line.trim() !== '') logger.info({}, line.trim())
}
