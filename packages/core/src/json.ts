/**
 * A JSON number that a double cannot hold: an integer beyond 2^53, a long decimal, a huge exponent. The digits are kept as they
 * were written, so that a destination with a wider type (BIGINT, NUMERIC) receives exactly what the source sent.
 */
export class ExactNumber {
  /** The number as written in the JSON text, for instance `9007199254740993`. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }

  /** `JSON.stringify` cannot write the digits; better no text than a wrong one. Use `stringifyJson`. */
  toJSON(): never {
    throw new TypeError(`JSON.stringify cannot write the number ${this.text} exactly: use stringifyJson of @eds/core`)
  }
}

/** Any value of a row. Only numbers that a double would change are {@link ExactNumber}; all others are plain. */
export type JsonValue = null | boolean | number | string | ExactNumber | JsonArray | JsonObject
export type JsonArray = readonly JsonValue[]
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined
}
