import { createHmac, randomBytes } from 'node:crypto'

/** Makes secrets and remembers every one, so that a test can look for them where they must not be. */
export class SecretLedger {
  readonly #issued = new Set<string>()

  all(): readonly string[] {
    return [...this.#issued]
  }

  /** Remembers secrets made elsewhere. */
  add(...secrets: readonly string[]): void {
    for (const secret of secrets) this.#issued.add(secret)
  }

  /** A token for a URL: 32 hexadecimal digits. */
  token(): string {
    const token = randomBytes(16).toString('hex')
    this.add(token)
    return token
  }

  /** An API key: a JWT whose issuer is where the API is. It is signed (HS256) with a key that nobody keeps. */
  apiKey(issuer: string, serverId: string): string {
    const claims = { iss: issuer, sub: serverId, jti: randomBytes(8).toString('hex') }
    const signed = [{ alg: 'HS256', typ: 'JWT' }, claims].map(base64UrlJson).join('.')
    const key = `${signed}.${createHmac('sha256', randomBytes(32)).update(signed).digest('base64url')}`
    this.add(key)
    return key
  }
}

function base64UrlJson(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
