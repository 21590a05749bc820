import type { Logger } from '@eds/core'

/** Keeps what is logged. */
export class KeptLog implements Logger {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[] = []
  readonly debug = this.#keep('debug')
  readonly info = this.#keep('info')
  readonly warn = this.#keep('warn')
  readonly error = this.#keep('error')

  #keep(level: string): (fields: object, message: string) => void {
    return (fields, message) => void this.lines.push({ level, fields, message })
  }
}
