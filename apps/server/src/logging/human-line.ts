export interface LineStyle {
  readonly timestamps: boolean
  readonly colors: boolean
}

/** Red, yellow, green, gray: https://en.wikipedia.org/wiki/ANSI_escape_code#Colors */
const levelColors: Readonly<Record<string, number>> = { error: 31, warn: 33, info: 32, debug: 90 }

/**
 * A log record as a line for people: the message, and in brackets the plain fields that it does not mention.
 *
 * @param record - a line of JSON as pino writes it, parsed
 */
export function humanLine(record: Readonly<Record<string, unknown>>, style: LineStyle): string {
  const { level, time, label, msg, ...fields } = record
  const message = String(msg ?? '').replace(/\s*\n\s*/g, ' ')
  const words = [
    ...(style.timestamps ? [new Date(Number(time)).toISOString()] : []),
    levelWord(String(level), style.colors),
    ...(label === undefined ? [] : [`[${String(label)}]`]),
    message,
    ...remarks(fields, message),
  ]
  return `${words.join(' ')}\n`
}

function levelWord(level: string, colors: boolean): string {
  const word = level.toUpperCase().padEnd(5)
  const color = levelColors[level]
  return colors && color !== undefined ? `\u001b[${color}m${word}\u001b[39m` : word
}

/** Plain values only, as lists and objects are long and meant for machines. */
function remarks(fields: Readonly<Record<string, unknown>>, message: string): string[] {
  const items = Object.entries(fields)
    .filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) => [name, String(value)] as const)
    .filter(([, value]) => value !== '' && !message.includes(value))
    .map(([name, value]) => `${name}=${value}`)
  return items.length === 0 ? [] : [`(${items.join(', ')})`]
}
