import { inspect } from 'node:util'
import type { Logger } from '@eds/core'

/** Keeps every line, so that a suite can look for secrets in them. */
export class RecordingLogger implements Logger {
  readonly lines: string[] = []

  debug = (fields: object, message: string): void => this.#keep('debug', fields, message)
  info = (fields: object, message: string): void => this.#keep('info', fields, message)
  warn = (fields: object, message: string): void => this.#keep('warn', fields, message)
  error = (fields: object, message: string): void => this.#keep('error', fields, message)

  /** Everything that a logger could show: also what hangs on an error, its causes and their fields. */
  #keep(level: string, fields: object, message: string): void {
    const all = { depth: 8, maxStringLength: null, maxArrayLength: null, breakLength: Number.POSITIVE_INFINITY }
    this.lines.push(`${level} ${message} ${inspect(fields, all)}`)
  }
}
