import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { isEdsError, systemClock } from '@eds/core'
import { hqApi } from '@eds/hq'
import type { CommandCall, CommandIo } from '../command.js'
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

/** Asks for the code on the terminal until one is right. */
export async function enrollOnTerminal(call: CommandCall): Promise<void> {
  const { stderr, signal } = call.io
  stderr.write('This server is not enrolled yet. HQ shows an enrollment code when you add a server there.\n')
  for (;;) {
    const code = await ask(call.io, 'Enrollment code: ')
    if (code === undefined) throw new CommandFailure(exitCodes.usage, 'not enrolled: run eds enroll <code>')
    if (code === '') continue
    try {
      stderr.write(`Enrolled as server ${await enroll(call, code)}.\n`)
      return
    } catch (error) {
      if (!isEdsError(error) || signal.aborted) throw error
      stderr.write(`${call.redactor.mask(errorLine(error))}\n`)
    }
  }
}

/** A line, trimmed; `undefined` when there is none to come. */
async function ask(io: CommandIo, question: string): Promise<string | undefined> {
  const output = new Writable({
    write(chunk, _encoding, done) {
      io.stderr.write(chunk)
      done()
    },
  })
  const lines = createInterface({ input: io.stdin, output })
  try {
    const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)))
    const answer = lines.question(question, { signal: io.signal }).catch(() => undefined)
    return (await Promise.race([answer, ended]))?.trim()
  } finally {
    lines.close()
  }
}
