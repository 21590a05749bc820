/*
 * Reads JSON without changing it: an object or array is cut into the source texts of its parts, so that every digit, escape and
 * exponent stays as it was written. For JSON that is known to be well formed; what is not well formed throws.
 */

/** Members of the object that `text` holds, as pairs of name and source text of the value. */
export function memberSpans(text: string): [name: string, source: string][] {
  const members: [string, string][] = []
  let at = enter(text, '{')
  while (text[at] !== '}') {
    const nameEnd = valueEnd(text, at)
    const name = memberName(text.slice(at, nameEnd))
    const start = afterSpace(text, expectAt(text, afterSpace(text, nameEnd), ':'))
    const end = valueEnd(text, start)
    members.push([name, text.slice(start, end)])
    at = next(text, end, '}')
  }
  expectEnd(text, at)
  return members
}

function memberName(source: string): string {
  if (source[0] === '"' && !source.includes('\\')) return source.slice(1, -1)
  const name: unknown = JSON.parse(source)
  if (typeof name === 'string') return name
  throw new Error(`not JSON: a member is called ${source}`)
}

/** Source texts of the elements of the array that `text` holds. */
export function elementSpans(text: string): string[] {
  const elements: string[] = []
  let at = enter(text, '[')
  while (text[at] !== ']') {
    const end = valueEnd(text, at)
    elements.push(text.slice(at, end))
    at = next(text, end, ']')
  }
  expectEnd(text, at)
  return elements
}

function enter(text: string, bracket: string): number {
  return afterSpace(text, expectAt(text, afterSpace(text, 0), bracket))
}

/** From the end of a part to the start of the next one, or to the closing bracket. */
function next(text: string, end: number, closing: string): number {
  const at = afterSpace(text, end)
  if (text[at] === closing) return at
  const start = afterSpace(text, expectAt(text, at, ','))
  if (text[start] === closing) throw new Error(`not JSON: a value expected at character ${start}`)
  return start
}

/** Nothing may follow the closing bracket. */
function expectEnd(text: string, closing: number): void {
  const at = afterSpace(text, closing + 1)
  if (at < text.length) throw new Error(`not JSON: text behind the end, at character ${at}`)
}

function expectAt(text: string, at: number, character: string): number {
  if (text[at] === character) return at + 1
  throw new Error(`not JSON: "${character}" expected at character ${at}, found "${text.slice(at, at + 20)}"`)
}

function afterSpace(text: string, start: number): number {
  let at = start
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\t' || text[at] === '\r') at++
  return at
}

function valueEnd(text: string, start: number): number {
  const first = text[start]
  if (first === '"') return stringEnd(text, start)
  if (first === '{' || first === '[') return containerEnd(text, start)
  let at = start
  while (at < text.length && !' \n\t\r,]}'.includes(text[at] as string)) at++
  if (at === start) throw new Error(`not JSON: a value expected at character ${start}`)
  return at
}

function stringEnd(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1)
  while (quote >= 0 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1)
  if (quote < 0) throw new Error(`not JSON: the string at character ${start} does not end`)
  return quote + 1
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote - 1
  while (text[at] === '\\') at--
  return (quote - at) % 2 === 0
}

const bracketOrQuote = /["{}[\]]/g

function containerEnd(text: string, start: number): number {
  let depth = 0
  bracketOrQuote.lastIndex = start
  for (let match = bracketOrQuote.exec(text); match !== null; match = bracketOrQuote.exec(text)) {
    const [character] = match
    if (character === '"') bracketOrQuote.lastIndex = stringEnd(text, match.index)
    else depth += character === '{' || character === '[' ? 1 : -1
    if (depth === 0) return bracketOrQuote.lastIndex
  }
  throw new Error(`not JSON: the value at character ${start} does not end`)
}
