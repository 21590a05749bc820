import { randomUUID } from 'node:crypto'
import { nkeys } from 'nats'

type KeyPair = ReturnType<typeof nkeys.createUser>

/** What a user may publish to and subscribe to. */
export interface UserPermissions {
  readonly pub: readonly string[]
  readonly sub: readonly string[]
}

/** A server configuration with one account that is managed by tokens, and `.creds` files for its users. */
export class Operator {
  /** Text of the server's configuration file. */
  readonly config: string
  readonly #account: KeyPair

  constructor() {
    const operator = nkeys.createOperator()
    const account = nkeys.createAccount()
    const system = nkeys.createAccount()
    const operatorToken = token(operator, operator, 'operator', {
      type: 'operator',
      system_account: system.getPublicKey(),
    })
    const limits = {
      mem_storage: -1,
      disk_storage: -1,
      streams: -1,
      consumer: -1,
      subs: -1,
      data: -1,
      payload: -1,
      conn: -1,
    }
    const accountToken = token(operator, account, 'account', {
      type: 'account',
      limits: { ...limits, imports: -1, exports: -1, leaf: -1 },
    })
    const systemToken = token(operator, system, 'SYS', { type: 'account' })
    this.#account = account
    this.config = `
operator: ${operatorToken}
system_account: ${system.getPublicKey()}
resolver: MEMORY
resolver_preload: { ${account.getPublicKey()}: ${accountToken}, ${system.getPublicKey()}: ${systemToken} }`
  }

  /** The text of a `.creds` file. */
  creds(name: string, permissions?: UserPermissions): string {
    const user = nkeys.createUser()
    const { pub = [], sub = [] } = permissions ?? {}
    const allowed = permissions ? { pub: { allow: pub }, sub: { allow: sub } } : { pub: {}, sub: {} }
    const claims = { type: 'user', subs: -1, data: -1, payload: -1, ...allowed }
    const seed = new TextDecoder().decode(user.getSeed())
    return [
      '-----BEGIN NATS USER JWT-----',
      token(this.#account, user, name, claims),
      '------END NATS USER JWT------',
      '',
      '-----BEGIN USER NKEY SEED-----',
      seed,
      '------END USER NKEY SEED------',
      '',
    ].join('\n')
  }
}

/** https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt */
function token(issuer: KeyPair, subject: KeyPair, name: string, nats: object): string {
  const header = { typ: 'JWT', alg: 'ed25519-nkey' }
  const claims = {
    jti: randomUUID(),
    iat: Math.floor(Date.now() / 1_000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name,
    nats: { version: 2, ...nats },
  }
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString('base64url')}`
}
