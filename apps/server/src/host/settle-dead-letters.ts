import type { DeadLetterOutcome } from '@eds/core'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { askServer } from '../http/control-client.js'
import { type DeadLetterRequest, refuseVague } from '../http/control-routes.js'
import { readCommonSettings } from '../settings/common.js'
import { flag, readOptions, text } from '../settings/option-types.js'
import { dataDirectoryAt } from './data-directory.js'
import { refuseUnknown, someOf } from './letter-choice.js'
import { settleAlone } from './settle-alone.js'

const settleOptions = z.object({ sink: text.optional(), all: flag.optional() })

const outcome: z.ZodType<DeadLetterOutcome> = z.object({
  applied: z.number(),
  failed: z.number(),
  skipped: z.number(),
  failures: z.array(z.object({ id: z.string(), reason: z.string() })),
  skippedBehind: z.array(z.string()),
  unknown: z.array(z.string()),
})

/**
 * Applies dead letters again, or gives them up: by way of the running server, in order with everything else it delivers; without one
 * in a pipeline of its own that reads nothing.
 *
 * @throws CommandFailure (exit code 3) when it is not said which, or there are none such; then nothing was done
 */
export async function settleDeadLetters(call: CommandCall, action: DeadLetterRequest['action']): Promise<ExitCode> {
  const { dataDirectory } = readCommonSettings(call)
  const request = readRequest(call, action)
  refuseVague(request)
  const { controlFile, deadLetters } = dataDirectoryAt(dataDirectory)
  await refuseUnknown(deadLetters, request)
  const answer = await askServer(controlFile, { method: 'POST', path: '/control/dead-letters', body: request })
  const done = answer === undefined ? await settleAlone(call, dataDirectory, request) : outcome.parse(answer)
  call.io.stdout.write(`${done.applied} applied, ${done.failed} failed again, ${done.skipped} given up\n`)
  call.io.stderr.write(call.redactor.mask(remarks(done)))
  return done.failed === 0 ? exitCodes.done : exitCodes.error
}

function readRequest(call: CommandCall, action: DeadLetterRequest['action']): DeadLetterRequest {
  const { sink, all } = readOptions(settleOptions, call)
  const ids = call.operands.length > 0 ? [...call.operands] : undefined
  return { action, ...(sink !== undefined && { sink }), ...(ids && { ids }), ...(all && { all }) }
}

/** What the figures do not say: why letters failed, and what was given up though nobody named it. */
function remarks({ failed, failures, skippedBehind }: DeadLetterOutcome): string {
  const lines = failures.map(({ id, reason }) => `${id}: ${reason.replace(/\s*\n\s*/g, ' ')}`)
  const rest = failed - failures.length
  if (rest > 0) lines.push(`and ${rest} more: see eds dead-letter list`)
  if (skippedBehind.length > 0) {
    lines.push(`also given up, as each changes a part of a row that was given up whole: ${someOf(skippedBehind)}`)
  }
  return lines.map((line) => `${line}\n`).join('')
}
