import type { Logger } from '@eds/core'
import { pino } from 'pino'
import type { Output } from '../command.js'
import type { Redactor } from '../redactor.js'
import { humanLine } from './human-line.js'
import { LogFile } from './log-file.js'

export interface LogSettings {
  readonly level: 'silent' | 'warn' | 'info' | 'debug'
  readonly format: 'human' | 'json'
  /** For the human format; JSON always has the time. */
  readonly timestamps: boolean
  /** For the human format, on a terminal. */
  readonly colors: boolean
  readonly label?: string
  /** Absolute path of a file that gets every line too, as JSON. */
  readonly file?: string
  /** False: of the older files only the newest few are kept. */
  readonly keepFiles: boolean
}

export interface ProgramLogger extends Logger {
  /** Begins a new log file and resolves to the path of the one that is complete now; `undefined` without a log file. */
  rotateFile(): string | undefined
  close(): void
}

/** Logs to `output`, and to a file where the settings say so. Every text is masked before it goes anywhere. */
export function createLogger(settings: LogSettings, output: Output, redactor: Redactor): ProgramLogger {
  const { level, format, timestamps, label, file, keepFiles } = settings
  const logFile = file === undefined ? undefined : LogFile.open(file, { keepAll: keepFiles })
  const colors = settings.colors && output.isTTY === true
  const write = (line: string): void => {
    logFile?.write(line)
    output.write(format === 'json' ? line : humanLine(JSON.parse(line), { timestamps, colors }))
  }
  const base = label === undefined ? null : { label }
  const lines = pino({ level, base, formatters: { level: (name) => ({ level: name }) } }, { write })
  const log =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: object, message: string): void => {
      if (lines.isLevelEnabled(name)) lines[name](redactor.maskValue(fields), redactor.mask(message))
    }
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    rotateFile: () => logFile?.rotate(),
    close: () => logFile?.close(),
  }
}
