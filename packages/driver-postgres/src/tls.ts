import type { PostgresConfig, SslMode } from './config.js'

/** What to do about encryption with one host. */
export interface TlsPlan {
  /** In this order until one works: encrypted or not. */
  readonly attempts: readonly ('plain' | 'encrypted')[]
  readonly verifyCertificate: boolean
  readonly verifyHost: boolean
}

/**
 * The meaning of `sslmode` as libpq documents it (https://www.postgresql.org/docs/current/libpq-ssl.html). Without one: nothing on
 * this machine, encrypted but not verified elsewhere.
 */
export function tlsPlan({ sslmode }: Pick<PostgresConfig, 'sslmode'>, host: string): TlsPlan {
  const mode: SslMode = sslmode ?? (isLocal(host) ? 'disable' : 'require')
  const verify = { verifyCertificate: mode.startsWith('verify-'), verifyHost: mode === 'verify-full' }
  // A Unix socket never leaves the machine, and PostgreSQL does not speak TLS on it.
  if (mode === 'disable' || host.startsWith('/')) return { attempts: ['plain'], ...verify }
  if (mode === 'allow') return { attempts: ['plain', 'encrypted'], ...verify }
  if (mode === 'prefer') return { attempts: ['encrypted', 'plain'], ...verify }
  return { attempts: ['encrypted'], ...verify }
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/')
}
