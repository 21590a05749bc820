import { EdsError, maskUrl } from '@eds/core'
import type { TlsOptions } from 'nats'

/** How to log in. The text of a `.creds` file, the file itself (read anew at each login, so that it may be renewed), or what NATS has besides. */
export type NatsCredentials =
  | { readonly creds: string | Uint8Array }
  | { readonly credsFile: string }
  | { readonly user: string; readonly password: string }
  | { readonly token: string }

/** Where NATS is and how to get in. Shared by source and publisher. */
export interface NatsConnectionOptions {
  /** `nats://host:4222`; several as a list or separated by commas; `tls://` demands encryption. `nats://user:password@host` works too. */
  readonly servers: string | readonly string[]
  readonly credentials?: NatsCredentials
  /** Certificates for TLS. Without it TLS is used when the server offers it. */
  readonly tls?: TlsOptions
  /** What the server shows for this connection. Default `eds`. */
  readonly clientName?: string
  /** For connecting and for each request, milliseconds. Default 5,000. */
  readonly timeoutMs?: number
  /** Logs what is sent and asked for: subjects and sizes, never contents. Default false. */
  readonly trace?: boolean
}

/** {@link NatsConnectionOptions}, checked and completed. */
export interface ConnectionSettings {
  readonly servers: readonly string[]
  /** The servers without secrets, for messages. */
  readonly where: string
  readonly credentials: NatsCredentials | undefined
  readonly tls: TlsOptions | undefined
  readonly clientName: string
  readonly timeoutMs: number
  readonly trace: boolean
}

/** @throws EdsError `configuration` when no server is named or one is no address. */
export function connectionSettings(options: NatsConnectionOptions): ConnectionSettings {
  const given = (typeof options.servers === 'string' ? [options.servers] : options.servers).flatMap((list) =>
    list.split(','),
  )
  const urls = given
    .map((server) => server.trim())
    .filter((server) => server !== '')
    .map(serverUrl)
  const login = urls.find(({ username }) => username !== '')
  if (urls.length === 0)
    throw new EdsError('configuration', 'no NATS server is named', { fix: 'set servers to nats://host:4222' })
  return {
    servers: urls.map(({ host }) => host),
    where: urls.map((url) => maskUrl(`${url.protocol}//${url.host}`)).join(','),
    credentials: options.credentials ?? (login && loginOf(login)),
    tls: options.tls ?? (urls.some(({ protocol }) => protocol === 'tls:') ? {} : undefined),
    clientName: options.clientName ?? 'eds',
    timeoutMs: options.timeoutMs ?? 5_000,
    trace: options.trace ?? false,
  }
}

function serverUrl(server: string): URL {
  const text = server.includes('://') ? server : `nats://${server}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || url.hostname === '' || !['nats:', 'tls:'].includes(url.protocol)) {
    throw new EdsError('configuration', `"${maskUrl(server)}" is not the address of a NATS server`, {
      fix: 'write it as nats://host:4222 or tls://host:4222',
    })
  }
  return url
}

/** A name without a password is a token: https://docs.nats.io/using-nats/developer/connecting/token */
function loginOf({ username, password }: URL): NatsCredentials {
  const user = decodeURIComponent(username)
  return password === '' ? { token: user } : { user, password: decodeURIComponent(password) }
}
