/** Takes a row literal apart, as `row::text` writes it: `(1,"a ""b""",,"")` → `['1', 'a "b"', null, '']`. */
export function parseRecord(text: string): readonly (string | null)[] {
  const fields: (string | null)[] = []
  let at = 1
  while (at <= text.length - 1) {
    const [field, end] = readField(text, at)
    fields.push(field)
    at = end + 1
  }
  return fields
}

/** A field and the place of the comma or parenthesis behind it. */
function readField(text: string, start: number): [field: string | null, end: number] {
  if (text[start] !== '"') {
    const end = bareEnd(text, start)
    // What has no special character is written bare.
    return [end === start ? null : text.slice(start, end), end]
  }
  const parts: string[] = []
  let from = start + 1
  for (let at = from; ; at++) {
    const character = text[at]
    if (character === '\\' || (character === '"' && text[at + 1] === '"')) {
      parts.push(text.slice(from, at))
      from = ++at
    } else if (character === '"' || character === undefined) {
      parts.push(text.slice(from, at))
      return [parts.join(''), at + 1]
    }
  }
}

function bareEnd(text: string, start: number): number {
  const comma = text.indexOf(',', start)
  return comma < 0 ? text.length - 1 : comma
}
