import type { Logger } from '@eds/core'

/** Keeps every line, so that a suite can look for secrets in them. */
export class RecordingLogger implements Logger {
  readonly lines: string[] = []

  debug = (fields: object, message: string): void => this.#keep('debug', fields, message)
  info = (fields: object, message: string): void => this.#keep('info', fields, message)
  warn = (fields: object, message: string): void => this.#keep('warn', fields, message)
  error = (fields: object, message: string): void => this.#keep('error', fields, message)

  #keep(level: string, fields: object, message: string): void {
    this.lines.push(`${level} ${message} ${describe(fields)}`)
  }
}

function describe(fields: object): string {
  return JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? `${value.stack}` : value)) ?? ''
}
