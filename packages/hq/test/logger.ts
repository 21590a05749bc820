import type { Logger } from '@eds/core'

interface LogLine {
  readonly level: string
  readonly fields: object
  readonly message: string
}

/** Keeps what is logged. */
export class KeptLog implements Logger {
  readonly lines: LogLine[] = []
  readonly #watchers = new Set<() => void>()
  readonly debug = this.#keep('debug')
  readonly info = this.#keep('info')
  readonly warn = this.#keep('warn')
  readonly error = this.#keep('error')

  /** Resolves when a line with this text is there. */
  async seen(text: string): Promise<void> {
    while (!this.lines.some(({ message }) => message.includes(text))) {
      await new Promise<void>((resolve) => this.#watchers.add(resolve))
    }
  }

  #keep(level: string): (fields: object, message: string) => void {
    return (fields, message) => {
      this.lines.push({ level, fields, message })
      for (const watcher of this.#watchers) watcher()
      this.#watchers.clear()
    }
  }
}
