import { createRedactor, maskText } from '@eds/core'

/** Masks secrets in whatever is about to be shown: those that look like secrets, and those it was told about. */
export class Redactor {
  readonly #secrets = new Set<string>()
  #maskKnown: (text: string) => string = (text) => text

  /** From now on these texts are masked wherever they stand. */
  add(secrets: Iterable<string>): void {
    for (const secret of secrets) this.#secrets.add(secret)
    this.#maskKnown = createRedactor(this.#secrets)
  }

  mask(text: string): string {
    return maskText(this.#maskKnown(text))
  }

  /** A copy with every text in it masked, for structured logs. Errors become their name, message and code. */
  maskValue(value: unknown): unknown {
    if (typeof value === 'string') return this.mask(value)
    if (value instanceof Error) {
      const code = 'code' in value ? { code: value.code } : {}
      return { type: value.name, message: this.mask(value.message), ...code }
    }
    if (Array.isArray(value)) return value.map((item) => this.maskValue(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.maskValue(item)]))
  }
}
