/**
 * A place in a source, as text. Positions of one source sort by code unit in delivery order, are safe in file and object names
 * (`[0-9A-Za-z_.]+`, at most 100 characters, no `-`), and mean something only to the source that made them.
 *
 * A source pads its numbers with zeroes, for instance with {@link padSequence}.
 */
export type Position = string

const width = 16
const zeroes = '0'.repeat(width)

/** `42` → `"0000000000000042"`: numbers up to 2^53 so that text order is number order. */
export function padSequence(sequence: number): string {
  const digits = String(sequence)
  return digits.length >= width ? digits : zeroes.slice(digits.length) + digits
}
