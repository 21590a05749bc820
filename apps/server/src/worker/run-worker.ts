import type { CommandCall } from '../command.js'
import { CommandFailure, type ExitCode, exitCodes } from '../exit-codes.js'
import { errorLine, exitCodeOf } from '../failure.js'
import { makeDataDirectory } from '../host/data-directory.js'
import { type DeliveryParts, deliver } from '../host/deliver.js'
import { installedDrivers } from '../host/drivers.js'
import { planSinks } from '../host/sinks.js'
import { createLogger } from '../logging/create-logger.js'
import { validationStages } from '../validation/validation-stage.js'
import { SourceWatch } from './source-watch.js'
import type { SupervisorLink } from './supervisor-link.js'

const figuresMs = 1_000

/** Delivers as the supervisor orders. Resolves to the exit code that tells it how that ended. */
export async function runWorker(
  link: SupervisorLink,
  { io, redactor }: Pick<CommandCall, 'io' | 'redactor'>,
): Promise<ExitCode> {
  const { settings, token, isPaused, secrets } = await link.order
  redactor.add(secrets)
  const watch = new SourceWatch()
  const logger = createLogger(settings.log, io.stderr, redactor)
  try {
    const sinks = await planSinks(
      settings.urls,
      await installedDrivers(io.workingDirectory, settings.drivers),
      redactor,
    )
    const directory = await makeDataDirectory(settings.dataDirectory)
    const stages = await validationStages(settings.validatorDirectory, logger)
    const rotateLog = () => link.rotateLog()
    const parts = {
      settings,
      sinks,
      directory,
      logger,
      redactor,
      stages,
      rotateLog,
      token,
      isPaused,
      signal: io.signal,
    }
    return await reporting(link, { ...parts, watch: (source) => watch.guard(source) })
  } catch (error) {
    link.send({ kind: 'failed', message: redactor.mask(errorLine(error)) })
    const isRefused = error instanceof CommandFailure && watch.refused(error.cause)
    return isRefused ? exitCodes.natsLost : exitCodeOf(error)
  }
}

/** Delivers, tells the supervisor how it goes, and does what it says. */
async function reporting(link: SupervisorLink, parts: DeliveryParts): Promise<ExitCode> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await deliver({
      ...parts,
      onStart: ({ server, metrics, port }) => {
        const report = () => link.send({ kind: 'figures', figures: metrics.figures(), isPaused: server.isPaused })
        link.send({ kind: 'running', port })
        timer = setInterval(report, figuresMs)
        link.serve({
          pause: () => server.control.pause(undefined).then(report),
          unpause: () => {
            server.control.unpause(undefined)
            report()
          },
          stop: () => server.control.shutdown(),
        })
      },
    })
  } finally {
    clearInterval(timer)
  }
}
