import { EdsError } from '@eds/core'
import type { Database } from '../database.js'
import { fileNumber, type LogPlace } from './log-place.js'

/** A file of the binary log. */
export interface LogFile {
  readonly name: string
  readonly number: number
  readonly size: number
}

interface Variables {
  readonly on: string
  readonly format: string
  readonly image: string
}

/** Why the binary log of this server cannot be used; undefined when it can. */
export async function logFault(database: Database): Promise<EdsError | undefined> {
  const text = 'SELECT @@GLOBAL.log_bin AS `on`, @@GLOBAL.binlog_format AS format, @@GLOBAL.binlog_row_image AS image'
  const [row] = await database.query<Variables>(text)
  return variablesFault(row ?? { on: '0', format: '', image: '' })
}

/** The same of what the server answered. Pure. */
export function variablesFault({ on, format, image }: Variables): EdsError | undefined {
  const make = (message: string, fix: string) => new EdsError('configuration', message, { fix })
  if (on !== '1' && on !== 'ON') {
    return make('the server keeps no binary log', 'start it with log_bin, or use mode "triggers"')
  }
  if (format !== 'ROW') {
    return make(
      `binlog_format is ${format}: the binary log does not hold all rows`,
      'SET GLOBAL binlog_format = ROW, or use mode "triggers"',
    )
  }
  if (image !== 'FULL') {
    return make(
      `binlog_row_image is ${image}: the binary log does not hold whole rows`,
      'SET GLOBAL binlog_row_image = FULL',
    )
  }
  return undefined
}

/** The files that the server still has, the oldest first. */
export async function logFiles(database: Database): Promise<LogFile[]> {
  const rows = await database.query<{ Log_name: string; File_size: string }>('SHOW BINARY LOGS')
  return rows.map(({ Log_name: name, File_size: size }) => ({ name, number: fileNumber(name), size: Number(size) }))
}

/** Where the log ends now. */
export async function logEnd(database: Database): Promise<LogPlace> {
  const last = (await logFiles(database)).at(-1)
  if (last === undefined) throw new EdsError('configuration', 'the server keeps no binary log')
  return { file: last.number, offset: last.size, row: 0, gtid: '' }
}

/** The file that a place is in. Throws `gap` when the server has it no more, or holds less than the place says. */
export function fileOf(files: readonly LogFile[], { file, offset }: LogPlace): LogFile {
  const [oldest] = files
  const newest = files.at(-1)
  const found = files.find(({ number }) => number === file)
  const held = `the server has files ${oldest?.number ?? 0} to ${newest?.number ?? 0}`
  const fix = 'import again, or forget the cursor and start anew; keep the log for longer (binlog_expire_logs_seconds)'
  if (found === undefined) {
    throw new EdsError('gap', `file ${file} of the binary log is gone: ${held}`, { fix })
  }
  if (offset > found.size) {
    throw new EdsError(
      'gap',
      `the position is at ${offset} of "${found.name}", which ends at ${found.size}: the log was made anew`,
      { fix },
    )
  }
  return found
}
