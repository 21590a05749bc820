import { createInterface } from 'node:readline/promises'
import { isEdsError, systemClock } from '@eds/core'
import { hqApi } from '@eds/hq'
import type { CommandCall } from '../command.js'
import { CommandFailure, exitCodes } from '../exit-codes.js'
import { errorLine } from '../failure.js'
import { makeDataDirectory } from '../host/data-directory.js'
import { readCommonSettings } from '../settings/common.js'
import { changeConfigFile } from '../settings/config-file.js'
import { readApiUrl } from '../settings/hq.js'
import { version } from '../version.js'

/**
 * Redeems an enrollment code and saves what it is worth in the configuration file. Resolves to the server's id.
 *
 * @throws EdsError when HQ does not know the code, or cannot be reached
 */
export async function enroll(call: CommandCall, code: string): Promise<string> {
  const { dataDirectory } = readCommonSettings(call)
  const apiUrl = readApiUrl(call)
  await makeDataDirectory(dataDirectory)
  const api = hqApi({ version: version(), clock: systemClock, ...(apiUrl !== undefined && { apiUrl }) })
  const { token, serverId } = await api.enroll(code, call.io.signal)
  call.redactor.add([token])
  await changeConfigFile(dataDirectory, { token, server_id: serverId })
  return serverId
}

/**
 * Asks for the code on the terminal until one is right.
 *
 * @throws CommandFailure (exit code 3) when there is nothing more to read
 */
export async function enrollOnTerminal(call: CommandCall): Promise<void> {
  const { stdin, stderr, signal } = call.io
  const ask = () => stderr.write('Enrollment code: ')
  stderr.write('This server is not enrolled yet. HQ shows an enrollment code when you add a server there.\n')
  const lines = createInterface({ input: stdin, signal })
  ask()
  for await (const code of lines) {
    const outcome = code.trim() === '' ? undefined : await tryToEnroll(call, code.trim())
    if (outcome) stderr.write(`${outcome.message}\n`)
    if (outcome?.isEnrolled) return
    ask()
  }
  stderr.write('\n')
  throw new CommandFailure(exitCodes.usage, 'not enrolled: run eds enroll <code>')
}

async function tryToEnroll(call: CommandCall, code: string): Promise<{ isEnrolled: boolean; message: string }> {
  try {
    return { isEnrolled: true, message: `Enrolled as server ${await enroll(call, code)}.` }
  } catch (error) {
    if (!isEdsError(error) || call.io.signal.aborted) throw error
    return { isEnrolled: false, message: call.redactor.mask(errorLine(error)) }
  }
}
