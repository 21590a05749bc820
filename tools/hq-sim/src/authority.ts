import { encodeAccount, encodeOperator, encodeUser, fmtCreds } from '@nats-io/jwt'
import { createAccount, createOperator, createUser, type KeyPair } from '@nats-io/nkeys'
import type { SubjectPermissions } from './permissions.js'

/** A user of the NATS server: the text of its `.creds` file and the secrets in it. */
export interface Credentials {
  readonly text: string
  readonly jwt: string
  readonly seed: string
}

/** Signs the users of one NATS server. */
export interface Authority {
  /** Configuration text of a server that trusts it. */
  readonly config: string
  /** Makes a user. Without permissions it may do anything in the account; without an expiry it is valid for ever. */
  issue(name: string, permissions?: SubjectPermissions, expires?: Date): Promise<Credentials>
}

/** JetStream without limits: the server's own defaults for an account are none at all. */
const accountLimits = {
  ...{ subs: -1, data: -1, payload: -1, conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true },
  ...{ mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
}

/**
 * A new operator with an account, and a system account, which JetStream needs under an operator. The server finds both in
 * its configuration: https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt/resolver#memory
 */
export async function createAuthority(): Promise<Authority> {
  const [operator, account, system] = [createOperator(), createAccount(), createAccount()]
  const systemKey = system.getPublicKey()
  const operatorJwt = await encodeOperator('hq-sim', operator, { system_account: systemKey })
  const accountJwt = await encodeAccount('hq-sim', account, { limits: accountLimits }, { signer: operator })
  const systemJwt = await encodeAccount('SYS', system, {}, { signer: operator })
  return {
    config: [
      `operator: ${operatorJwt}`,
      `system_account: ${systemKey}`,
      'resolver: MEMORY',
      `resolver_preload: { ${account.getPublicKey()}: ${accountJwt}, ${systemKey}: ${systemJwt} }`,
      '',
    ].join('\n'),
    issue: (name, permissions, expires) => issueUser(account, { name, permissions, expires }),
  }
}

interface UserDescription {
  readonly name: string
  readonly permissions: SubjectPermissions | undefined
  readonly expires: Date | undefined
}

async function issueUser(account: KeyPair, { name, permissions, expires }: UserDescription): Promise<Credentials> {
  const user = createUser()
  const rights =
    permissions === undefined
      ? {}
      : { pub: { allow: [...permissions.publish] }, sub: { allow: [...permissions.subscribe] } }
  const validity = expires === undefined ? {} : { exp: Math.floor(expires.getTime() / 1_000) }
  const jwt = await encodeUser(name, user, account, rights, validity)
  return {
    text: new TextDecoder().decode(fmtCreds(jwt, user)),
    jwt,
    seed: new TextDecoder().decode(user.getSeed()),
  }
}
