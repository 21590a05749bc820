import { readFileSync } from 'node:fs'

/** The key that releases are signed with: Ed25519, PEM (SPKI). It comes with this version and judges the next. */
export function releaseKey(): string {
  return readFileSync(new URL('../../keys/release.pem', import.meta.url), 'utf8')
}
