import { randomBytes } from 'node:crypto'

/** Distinguishes temporary objects of several sessions. */
export function newToken(): string {
  return randomBytes(6).toString('hex')
}
