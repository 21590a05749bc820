import { EdsError } from '@eds/core'

type Part = { readonly text: string } | { readonly path: readonly string[] }

const action = /\{\{(.*?)\}\}/gs
const fieldPath = /^\s*((?:\.[\p{L}_][\p{L}\p{N}_]*)+)\s*$/u

/** Makes an object path from an event: of its JSON, as plain JavaScript values. Throws EdsError `record`. */
export type PathTemplate = (event: unknown) => string

/**
 * Reads a template such as `{{.companyId}}/{{.after.status}}`: text, and paths of fields in double braces. Nothing else of Go's
 * template language is understood.
 *
 * @throws Error that quotes what is not understood.
 */
export function parsePathTemplate(template: string): PathTemplate {
  const parts = [...partsOf(template)]
  return (event) => checked(parts.map((part) => ('text' in part ? part.text : valueAt(event, part.path))).join(''))
}

function* partsOf(template: string): Generator<Part> {
  let end = 0
  for (const match of template.matchAll(action)) {
    yield { text: plain(template.slice(end, match.index)) }
    const path = fieldPath.exec(match[1] ?? '')?.[1]
    if (path === undefined) throw new Error(`${JSON.stringify(match[0])} is no path of fields such as {{.after.id}}`)
    yield { path: path.slice(1).split('.') }
    end = match.index + match[0].length
  }
  yield { text: plain(template.slice(end)) }
}

function plain(text: string): string {
  if (!text.includes('{{')) return text
  throw new Error(`${JSON.stringify(text)} opens {{ and does not close it`)
}

function valueAt(event: unknown, path: readonly string[]): string {
  let value = event
  for (const name of path) {
    const isHeld = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    value = isHeld ? (value as Record<string, unknown>)[name] : undefined
  }
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return formatNumber(value)
  const found = value === undefined || value === null ? 'nothing' : 'no single value'
  throw new EdsError('record', `the object path needs .${path.join('.')}, where the event has ${found}`)
}

/** As Go prints a float64, and so as the former server names objects: `100000`, `1.234567e+06`, `1e-05`. */
export function formatNumber(value: number): string {
  if (Object.is(value, -0)) return '-0'
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  // Between 10^-4 and 10^6 JavaScript prints no exponent either.
  if (power >= -4 && power < 6) return String(value)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

const unsafe = /[\p{Cc}\\\uFFFE\uFFFF]|\p{Cs}/u

/** Values of rows are not to be trusted with places to write to. */
function checked(path: string): string {
  const isSafe = !unsafe.test(path) && path.split('/').every((part) => !/^\.{0,2}$/.test(part))
  if (isSafe) return path
  throw new EdsError('record', `the object path ${JSON.stringify(path)} is not safe to write to`, {
    fix: 'a part of it is empty, . or .., or holds a backslash or control character',
  })
}
