import { type Logger, withSignals } from '@eds/core'
import { installedDrivers } from '../host/drivers.js'
import { type PlannedSink, planSink } from '../host/sinks.js'
import { testDestination } from '../import/test-destination.js'
import type { Redactor } from '../redactor.js'
import { changeConfigFile } from '../settings/config-file.js'

export interface ConfigureParts {
  readonly dataDirectory: string
  readonly workingDirectory: string
  /** Driver packages that the configuration file lists. */
  readonly drivers: readonly string[]
  readonly redactor: Redactor
  readonly logger: Logger
  /** The command line names a destination, too. */
  readonly isOverruled: boolean
}

const testMs = 60_000

/**
 * Tests a destination and, when it can be used, saves its URL in the configuration file.
 *
 * @throws EdsError or CommandFailure that says why it cannot; then nothing is saved.
 */
export async function configureDestination(
  url: string,
  { dataDirectory, workingDirectory, drivers, redactor, logger, isOverruled }: ConfigureParts,
  signal: AbortSignal,
): Promise<PlannedSink> {
  const planned = await planSink({ url }, await installedDrivers(workingDirectory, drivers), redactor)
  const { summary, warnings } = await withSignals([signal, AbortSignal.timeout(testMs)], (either) =>
    testDestination({ sink: planned.sink, logger }, either),
  )
  logger.info({}, `configured by HQ: ${planned.destination}, ${summary}`)
  for (const warning of warnings) logger.warn({}, warning)
  await changeConfigFile(dataDirectory, { url })
  if (isOverruled) logger.warn({}, 'at the next start the destination of the command line counts again: leave it out')
  return planned
}
