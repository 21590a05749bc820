import { resolve } from 'node:path'
import { EdsError, systemClock } from '@eds/core'
import { type HqApi, hqApi } from '@eds/hq'
import type { Command, CommandCall } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { downloadFile } from '../import/hq/download-file.js'
import { showTransfer } from '../import/hq/show-transfer.js'
import { createLogger, type ProgramLogger } from '../logging/create-logger.js'
import { type ExportSettings, readExportSettings } from '../settings/export.js'
import { version } from '../version.js'

/** `eds export`: has HQ export tables by its older API, and downloads the file. */
export const command: Command = async (call) => {
  const settings = await readExportSettings(call)
  const logger = createLogger(settings.log, call.io.stderr, call.redactor)
  try {
    const api = hqApi({ ...settings.hq, version: version(), clock: systemClock, logger })
    const path = await exportInto(api, settings, call, logger)
    call.io.stdout.write(`exported to ${path}\n`)
    return exitCodes.done
  } finally {
    logger.close()
  }
}

async function exportInto(
  api: HqApi,
  { tables, output }: ExportSettings,
  { io }: CommandCall,
  logger: ProgramLogger,
): Promise<string> {
  const { signal } = io
  logger.info({}, `asking HQ to export ${tables.length === 0 ? 'all tables' : tables.join(', ')}`)
  const fileName = await api.olderExport(tables, signal)
  const path = output ?? resolve(io.workingDirectory, baseName(fileName))
  const freshUrl = () => api.presignedUrl(fileName, signal)
  const transfer = showTransfer(io.stderr)
  try {
    await downloadFile(await freshUrl(), path, {
      ...{ api, clock: systemClock, signal, freshUrl },
      onRetry: ({ message }) => logger.warn({}, `the download failed, trying again: ${message}`),
      onProgress: transfer.show,
    })
  } finally {
    transfer.stop()
  }
  return path
}

/** The last part of the name that HQ gave: it must not choose a folder. */
function baseName(fileName: string): string {
  const name = fileName.split(/[/\\]/).at(-1) ?? ''
  if (/^\w[\w.-]*$/.test(name)) return name
  throw new EdsError('configuration', `HQ names the file ${JSON.stringify(fileName)}`, { fix: 'choose a name with -o' })
}
