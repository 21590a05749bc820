import { fileDeadLetters } from '@eds/core'
import { openLmdbState } from '@eds/state-lmdb'
import type { Command } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { makeDataDirectory } from '../host/data-directory.js'
import { createLogger } from '../logging/create-logger.js'
import { readSyncSettings } from '../settings/sync.js'
import { readSyncConfig } from '../sync/read-config.js'
import { runSync } from '../sync/run-sync.js'
import { programConfigJsonSchema } from '../sync/sync-program-config.js'

/** `eds sync`: the program EventSync. */
export const command: Command = async (call) => {
  const { io, options, redactor } = call
  if (options.printSchema === true) {
    io.stdout.write(`${JSON.stringify(programConfigJsonSchema(), undefined, 2)}\n`)
    return exitCodes.done
  }
  const settings = readSyncSettings(call)
  const config = await readSyncConfig(settings.config, { requireTarget: settings.sink === undefined })
  const directory = await makeDataDirectory(settings.dataDirectory)
  const logger = createLogger(settings.log, io.stderr, redactor)
  try {
    for (const remark of config.remarks) logger.warn({}, remark)
    // Requests go on being read while the disk confirms earlier ones.
    const state = await openLmdbState({ directory: directory.state, commits: 'background' })
    try {
      const deadLetters = fileDeadLetters({ directory: directory.deadLetters })
      await runSync({ call, settings, config, state, deadLetters, logger })
    } finally {
      await state.close()
    }
    logger.info({}, 'stopped')
    return exitCodes.done
  } finally {
    logger.close()
  }
}
