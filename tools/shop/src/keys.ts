import { hex, type Random } from './random.js'
import type { KeyStyle } from './tables.js'
import { uuidText } from './text.js'

/** Makes primary keys that never repeat within one workload. */
export class KeyMaker {
  readonly #style: KeyStyle
  readonly #prefix: string
  #count = 0
  #shared = ''
  #position = 0

  /** @param prefix in front of keys that are names. */
  constructor(style: KeyStyle, prefix: string) {
    this.#style = style
    this.#prefix = prefix
  }

  /** The values of one new key, as plain text. */
  next(random: Random): string[] {
    this.#count += 1
    switch (this.#style) {
      case 'uuid':
        return [this.#uuid(random)]
      case 'mixedCase':
        return [mixedCase(this.#prefix, this.#count)]
      case 'pair':
        if (this.#shared === '' || random.chance(0.4)) this.#shared = this.#uuid(random)
        return [this.#shared, this.#uuid(random)]
      case 'position':
        this.#position += 1
        if (this.#shared === '' || random.chance(0.2)) {
          this.#shared = this.#uuid(random)
          this.#position = 0
        }
        return [this.#shared, String(this.#position)]
    }
  }

  /** Random in front, the running number behind: unique whatever the random part. */
  #uuid(random: Random): string {
    return uuidText(random).slice(0, 24) + hex(this.#count, 12)
  }
}

/** Numbers 2n and 2n+1 give the same letters, once in lower and once in upper case. */
function mixedCase(prefix: string, count: number): string {
  let rest = Math.floor(count / 2)
  let letters = ''
  do {
    letters += String.fromCharCode(97 + (rest % 26))
    rest = Math.floor(rest / 26)
  } while (rest > 0)
  const text = prefix + letters
  return count % 2 === 0 ? text : text.toUpperCase()
}
