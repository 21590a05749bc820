import type { MysqlConfig } from './config.js'

/** What to do about encryption. */
export interface TlsPlan {
  /** In this order until one works. */
  readonly attempts: readonly ('plain' | 'encrypted')[]
  readonly verify: boolean
}

/** Without `tls`: nothing on this machine, encryption where the server has it elsewhere. */
export function tlsPlan({ tls, hostname }: Pick<MysqlConfig, 'tls' | 'hostname'>): TlsPlan {
  const mode = tls ?? (isLocal(hostname) ? 'disable' : 'prefer')
  const verify = mode === 'verify'
  if (mode === 'disable' || hostname.startsWith('/')) return { attempts: ['plain'], verify }
  return { attempts: mode === 'prefer' ? ['encrypted', 'plain'] : ['encrypted'], verify }
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/')
}
