/** Microseconds in a millisecond. */
const perMillisecond = 1_000

/** Epoch milliseconds, whole or not, as epoch microseconds. */
export function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * perMillisecond)
}

/** Epoch microseconds as RFC 3339 with six digits of the second: `2023-01-12T10:58:01.618171Z`. */
export function formatDate(date: number): string {
  return format(date, '')
}

/** Epoch microseconds as RFC 3339 with nine digits of the second, as messages are dated: `2023-01-12T11:06:20.908047000Z`. */
export function formatMessageDate(date: number): string {
  return format(date, '000')
}

function format(date: number, further: string): string {
  const milliseconds = Math.floor(date / perMillisecond)
  const rest = String(date - milliseconds * perMillisecond).padStart(3, '0')
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${rest}${further}Z`
}
