/** An array's elements as text; null is null, an array within it an array. */
export type ArrayElement = string | null | readonly ArrayElement[]

/** Takes an array literal apart: `{1,NULL,"a\"b",{2}}`, also with bounds in front (`[0:1]={…}`). */
export function parseArray(text: string, delimiter: string): readonly ArrayElement[] {
  const reader = new ArrayReader(text, delimiter, text.indexOf('{'))
  return reader.array()
}

class ArrayReader {
  readonly #text: string
  readonly #delimiter: string
  #at: number

  constructor(text: string, delimiter: string, at: number) {
    this.#text = text
    this.#delimiter = delimiter
    this.#at = at
  }

  array(): readonly ArrayElement[] {
    const elements: ArrayElement[] = []
    this.#at++
    while (this.#at < this.#text.length && this.#text[this.#at] !== '}') {
      elements.push(this.#element())
      if (this.#text[this.#at] === this.#delimiter) this.#at++
    }
    this.#at++
    return elements
  }

  #element(): ArrayElement {
    const first = this.#text[this.#at]
    if (first === '{') return this.array()
    return first === '"' ? this.#quoted() : this.#bare()
  }

  #quoted(): string {
    let value = ''
    for (this.#at++; this.#at < this.#text.length && this.#text[this.#at] !== '"'; this.#at++) {
      if (this.#text[this.#at] === '\\') this.#at++
      value += this.#text[this.#at]
    }
    this.#at++
    return value
  }

  #bare(): string | null {
    const start = this.#at
    while (this.#at < this.#text.length && !this.#ends(this.#text[this.#at])) this.#at++
    const value = this.#text.slice(start, this.#at)
    return value === 'NULL' ? null : value
  }

  #ends(character: string | undefined): boolean {
    return character === this.#delimiter || character === '}'
  }
}
