import { z } from 'zod'
import type { Command } from '../command.js'
import { checkConnections } from '../config/check-config.js'
import { findConfig, readConfigOption } from '../config/config-location.js'
import { planConfig } from '../config/config-plan.js'
import { exitCodes, usageError } from '../exit-codes.js'
import { formatTable } from '../host/table.js'
import { flag, readOptions } from '../settings/option-types.js'

/** `eds check`: whether the configuration file is right, and everything that it names can be reached. */
export const command: Command = async (call) => {
  const { io, redactor, options } = call
  const { json = false } = readOptions(z.object({ json: flag.optional() }), call)
  const path = findConfig(io.workingDirectory, readConfigOption(options))
  if (path === undefined) throw usageError('there is no eds.config.yaml, .json or .ts here', 'make one with eds init')
  const plan = await planConfig(call, path)
  const found = await checkConnections(call, plan)
  const results = found.map(({ part, isOk, detail, warnings }) => ({
    part,
    isOk,
    detail: redactor.mask(detail),
    warnings: warnings.map((warning) => redactor.mask(warning)),
  }))
  if (json) io.stdout.write(`${JSON.stringify({ config: path, results })}\n`)
  else {
    const rows = results.flatMap(({ part, isOk, detail, warnings }) => [
      [part, isOk ? 'ok' : 'FAILED', detail],
      ...warnings.map((warning) => ['', 'note', warning]),
    ])
    io.stdout.write(formatTable(['PART', 'RESULT', 'DETAILS'], [['configuration', 'ok', path], ...rows]))
  }
  if (found.some(({ isWrong }) => isWrong)) return exitCodes.usage
  return found.every(({ isOk }) => isOk) ? exitCodes.done : exitCodes.error
}
