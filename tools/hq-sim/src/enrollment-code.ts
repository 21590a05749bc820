import { randomBytes } from 'node:crypto'

/** Letters and digits that cannot be taken for one another; the first letter means localhost. */
export function makeEnrollmentCode(): string {
  const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  return `L${[...randomBytes(7)].map((byte) => alphabet[byte % alphabet.length]).join('')}`
}
