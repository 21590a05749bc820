import type { EventEmitter } from 'node:events'

type WarningListener = (text: string) => void

const event = 'warning'
const maxRemembered = 1_000

/**
 * What Node.js and client libraries warn of (`process.emitWarning`), which Node.js itself would write to stderr in lines of its own.
 * Each text is told once, to the newest logger.
 */
export class ProcessWarnings {
  readonly #told = new Set<string>()
  readonly #listeners: WarningListener[] = []

  /**
   * Takes over from Node.js. Where it was told to be silent (`--no-warnings`, NODE_NO_WARNINGS), nobody is told.
   *
   * @param otherwise - told while there is no logger
   */
  takeOver(
    process: Pick<EventEmitter, 'on' | 'listenerCount' | 'removeAllListeners'>,
    otherwise: WarningListener,
  ): void {
    if (process.listenerCount(event) === 0) return
    process.removeAllListeners(event)
    process.on(event, (warning: Error) => {
      const text = textOf(warning)
      if (this.#isNew(text)) (this.#listeners.at(-1) ?? otherwise)(text)
    })
  }

  /** Tells a logger, until the function it gives is called. */
  tell(listener: WarningListener): () => void {
    this.#listeners.push(listener)
    return () => {
      const index = this.#listeners.indexOf(listener)
      if (index >= 0) this.#listeners.splice(index, 1)
    }
  }

  #isNew(text: string): boolean {
    if (this.#told.has(text)) return false
    if (this.#told.size >= maxRemembered) this.#told.clear()
    this.#told.add(text)
    return true
  }
}

/** One line. Names that say no more than what this is anyway are left out. */
function textOf({ name, message }: Error): string {
  return (name === 'Warning' ? message : `${name}: ${message}`).replace(/\s+/g, ' ').trim()
}

/** Those of this process, of which there is one. */
export const processWarnings = new ProcessWarnings()
