import type { CommandCall } from '../command.js'
import { CommandFailure, type ExitCode, exitCodes } from '../exit-codes.js'
import { errorLine } from '../failure.js'
import { makeDataDirectory } from '../host/data-directory.js'
import { deliver } from '../host/deliver.js'
import { createLogger, type ProgramLogger } from '../logging/create-logger.js'
import { validationStages } from '../validation/validation-stage.js'
import { type ConfigPlan, planConfig } from './config-plan.js'
import { configSource } from './config-source.js'
import { Reloads } from './reloads.js'

/**
 * Delivers as a configuration file says, until stopped. When the program is asked to reload, the file is read anew: what is wrong is told and
 * changes nothing; otherwise the pipeline finishes what it has in hand, and another one goes on from there. The positions of all sinks
 * are kept, so nothing is lost; a sink that is new begins where its `start` says.
 */
export async function serveConfigured(call: CommandCall, path: string): Promise<ExitCode> {
  const first = await planConfig(call, path)
  const logger = createLogger(first.settings.log, call.io.stderr, call.redactor)
  const reloads = new Reloads(call.io, () => planConfig(call, path), logger)
  try {
    logger.info({}, `configured by ${path}`)
    for (const remark of first.settings.remarks) logger.warn({}, remark)
    return await serveRounds(call, first, logger, reloads)
  } finally {
    reloads.close()
    logger.close()
  }
}

interface Round {
  readonly exitCode: ExitCode
  /** Whether the pipeline has begun to deliver. */
  readonly hasStarted: boolean
  readonly error?: unknown
}

async function serveRounds(
  call: CommandCall,
  first: ConfigPlan,
  logger: ProgramLogger,
  reloads: Reloads,
): Promise<ExitCode> {
  let plan = first
  let before: ConfigPlan | undefined
  for (;;) {
    const turn = reloads.nextTurn()
    const { exitCode, hasStarted, error } = await serveRound(call, plan, logger, turn.signal)
    const next = turn.takePlan()
    if (error !== undefined && !hasStarted && before !== undefined && !call.io.signal.aborted) {
      logger.error({}, `cannot start with the new configuration, going on with the one before: ${errorLine(error)}`)
      plan = before
      before = undefined
    } else if (error !== undefined) {
      throw error
    } else if (next === undefined || call.io.signal.aborted) {
      return exitCode
    } else {
      tellRemoved(plan, next, logger)
      before = withoutRestart(plan)
      plan = withoutRestart(next)
    }
  }
}

async function serveRound(
  call: CommandCall,
  plan: ConfigPlan,
  logger: ProgramLogger,
  turn: AbortSignal,
): Promise<Round> {
  let hasStarted = false
  const { settings, sinks } = plan
  const signal = AbortSignal.any([call.io.signal, turn])
  try {
    const exitCode = await deliver({
      settings,
      sinks,
      directory: await makeDataDirectory(settings.dataDirectory),
      logger,
      redactor: call.redactor,
      stages: await validationStages(settings.validatorDirectory, logger),
      signal,
      rotateLog: () => logger.rotateFile(),
      onStart: () => {
        hasStarted = true
      },
      ...(await configSource(plan, logger, signal)),
    })
    return { exitCode, hasStarted }
  } catch (error) {
    const exitCode = error instanceof CommandFailure ? error.exitCode : exitCodes.error
    return { exitCode, hasStarted, error }
  }
}

/** What was asked for at the start of the program counts once. */
function withoutRestart(plan: ConfigPlan): ConfigPlan {
  return { ...plan, settings: { ...plan.settings, restart: false } }
}

/** Its place is kept, so that nothing is lost when it comes back; some sources keep what it has not had until then. */
function tellRemoved(before: ConfigPlan, after: ConfigPlan, logger: ProgramLogger): void {
  for (const { sink } of before.sinks) {
    if (after.sinks.some((other) => other.sink.name === sink.name)) continue
    logger.warn({}, `${sink.name} is not configured any more; its place at the source is kept`)
  }
}
