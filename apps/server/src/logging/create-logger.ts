import type { Logger } from '@eds/core'
import { levels, pino } from 'pino'
import type { Output } from '../command.js'
import type { Redactor } from '../redactor.js'
import { humanLine } from './human-line.js'
import { LogFile } from './log-file.js'
import { processWarnings } from './process-warnings.js'

export type LogLevel = 'silent' | 'warn' | 'info' | 'debug'

export interface LogSettings {
  readonly level: LogLevel
  readonly format: 'human' | 'json'
  /** For the human format; JSON always has the time. */
  readonly timestamps: boolean
  /** For the human format, on a terminal. */
  readonly colors: boolean
  readonly label?: string
  /** Absolute path of a file that gets every line too, as JSON. */
  readonly file?: string
  /** What the file gets; default: as `level` says. */
  readonly fileLevel?: LogLevel
  /** False: of the older files only the newest few are kept. */
  readonly keepFiles: boolean
}

export interface ProgramLogger extends Logger {
  /** Takes over a line that a child process of this program has logged as JSON, or written for another reason. */
  adopt(line: string): void
  /** Begins a new log file and resolves to the path of the one that is complete now; `undefined` without a log file. */
  rotateFile(): string | undefined
  close(): void
}

/**
 * Logs to `output`, and to a file where the settings say so, also what Node.js and client libraries warn of. Every text is masked before it
 * goes anywhere.
 */
export function createLogger(settings: LogSettings, output: Output, redactor: Redactor): ProgramLogger {
  const { label, file, keepFiles } = settings
  const logFile = file === undefined ? undefined : LogFile.open(file, { keepAll: keepFiles })
  const level = lowest(settings.level, logFile ? (settings.fileLevel ?? settings.level) : 'silent')
  const write = (line: string): void => distribute(line, settings, output, logFile)
  const base = label === undefined ? null : { label }
  const lines = pino({ level, base, formatters: { level: (name) => ({ level: name }) } }, { write })
  const log =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: object, message: string): void => {
      if (lines.isLevelEnabled(name)) lines[name](redactor.maskValue(fields), redactor.mask(message))
    }
  const warn = log('warn')
  const error = log('error')
  const forgetWarnings = processWarnings.tell((text) => warn({}, text))
  return {
    debug: log('debug'),
    info: log('info'),
    warn,
    error,
    adopt: (line) => {
      const record = logRecord(line)
      if (record) write(`${JSON.stringify(redactor.maskValue(record))}\n`)
      else if (line.trim() !== '') error({}, line)
    },
    rotateFile: () => logFile?.rotate(),
    close: () => {
      forgetWarnings()
      logFile?.close()
    },
  }
}

function distribute(line: string, settings: LogSettings, output: Output, logFile: LogFile | undefined): void {
  const { level, fileLevel = level, format, timestamps } = settings
  const record = logRecord(line)
  if (record && rank(record.level) >= rank(fileLevel)) logFile?.write(line)
  if (!record || rank(record.level) < rank(level)) return
  const colors = settings.colors && output.isTTY === true
  output.write(format === 'json' ? line : humanLine(record, { timestamps, colors }))
}

function rank(level: string): number {
  return levels.values[level] ?? Number.POSITIVE_INFINITY
}

function lowest(left: LogLevel, right: LogLevel): LogLevel {
  return rank(left) < rank(right) ? left : right
}

/** `undefined` when the line is no record of a log. */
function logRecord(line: string): { readonly level: string } | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const record: { level?: unknown } = JSON.parse(line)
    return typeof record.level === 'string' && record.level in levels.values
      ? { ...record, level: record.level }
      : undefined
  } catch {
    return undefined
  }
}
