import { parseUrl } from '@eds/core'
import { z } from 'zod'
import type { Command } from '../command.js'
import { exitCodes, usageError } from '../exit-codes.js'
import { databaseSource } from '../host/database-source.js'
import { flag, readOptions, texts } from '../settings/option-types.js'

const options = z.object({ url: texts.optional(), esink: flag.optional() })

/** `eds source remove`: takes away what EDS has put into a database whose changes it captured. */
export const command: Command = async (call) => {
  const { url: [url, other] = [], esink = false } = readOptions(options, call)
  if (url === undefined || other !== undefined) {
    throw usageError('one database is needed', 'give it with --url, for instance --url postgres://localhost/shop')
  }
  const { password } = parseUrl(url)
  if (password !== undefined) call.redactor.add([password])
  const database = await databaseSource(url)
  try {
    const removed = [...(await database.remove()), ...(esink ? await database.removeEsinkTriggers() : [])]
    const lines = removed.length === 0 ? ['there was nothing of EDS'] : removed.map((name) => `removed ${name}`)
    call.io.stdout.write(`${lines.join('\n')}\n`)
    const left = esink ? [] : await database.findEsinkTriggers()
    if (left.length > 0)
      call.io.stdout.write(`left alone, for it is esink's (--esink removes it): ${left.join(', ')}\n`)
    return exitCodes.done
  } finally {
    await database.source.close()
  }
}
