import { z } from 'zod'
import type { Command } from '../command.js'
import { exitCodes, usageError } from '../exit-codes.js'
import { dataDirectoryAt } from '../host/data-directory.js'
import { askServer, notRunning } from '../http/control-client.js'
import { readCommonSettings } from '../settings/common.js'
import { readOptions, text } from '../settings/option-types.js'

const actions = ['pause', 'unpause', 'restart', 'shutdown', 'logfile']
const answer = z.object({ message: z.string() })

/** `eds control <action>`: tells the running server what to do. */
export const command: Command = async (call) => {
  const { dataDirectory } = readCommonSettings(call)
  const { sink } = readOptions(z.object({ sink: text.optional() }), call)
  const [action = ''] = call.operands
  if (!actions.includes(action))
    throw usageError(`there is no action "${action}"`, `choose one of ${actions.join(', ')}`)
  if (sink !== undefined && !['pause', 'unpause'].includes(action)) {
    throw usageError(`--sink does not go with ${action}`, 'leave it out')
  }
  const { controlFile } = dataDirectoryAt(dataDirectory)
  const body = sink === undefined ? {} : { sink }
  const given = await askServer(controlFile, { method: 'POST', path: `/control/${action}`, body })
  if (given === undefined) throw notRunning(dataDirectory)
  call.io.stdout.write(`${answer.parse(given).message}\n`)
  return exitCodes.done
}
