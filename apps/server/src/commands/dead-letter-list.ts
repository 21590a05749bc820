import { type DeadLetter, type DeadLetterStatus, readDeadLetters } from '@eds/core'
import { z } from 'zod'
import type { Command } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { dataDirectoryAt } from '../host/data-directory.js'
import { sinksWithLetters } from '../host/letter-choice.js'
import { readCommonSettings } from '../settings/common.js'
import { flag, readOptions, text } from '../settings/option-types.js'

const listOptions = z.object({ sink: text.optional(), all: flag.optional(), json: flag.optional() })
const waiting: readonly DeadLetterStatus[] = ['open', 'parked']

/** `eds dead-letter list`: reads the files, whether or not a server runs. */
export const command: Command = async (call) => {
  const { dataDirectory } = readCommonSettings(call)
  const { sink, all = false, json = false } = readOptions(listOptions, call)
  const { deadLetters } = dataDirectoryAt(dataDirectory)
  let count = 0
  for (const name of sink === undefined ? await sinksWithLetters(deadLetters) : [sink]) {
    for await (const letter of readDeadLetters(deadLetters, name, all ? undefined : waiting)) {
      call.io.stdout.write(json ? asJson(letter) : call.redactor.mask(asText(letter)))
      count++
    }
  }
  if (!json) call.io.stderr.write(count === 1 ? '1 dead letter\n' : `${count} dead letters\n`)
  return exitCodes.done
}

function asText({ id, sink, at, status, code, table, reason, triedAt }: DeadLetter): string {
  const place = table === undefined ? '' : ` ${table}:`
  const tried = triedAt === undefined ? '' : `, tried again ${new Date(triedAt).toISOString()}`
  return `${sink} ${id} ${status} since ${new Date(at).toISOString()}${tried}:${place} ${reason.replace(/\s*\n\s*/g, ' ')} [${code}]\n`
}

/** With the event itself, as text; in base64 when it is none. */
function asJson({ bytes, ...letter }: DeadLetter): string {
  const buffer = Buffer.from(bytes)
  const text = buffer.toString('utf8')
  const event = Buffer.from(text).equals(buffer) ? { event: text } : { base64: buffer.toString('base64') }
  return `${JSON.stringify({ ...letter, ...event })}\n`
}
