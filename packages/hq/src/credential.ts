import { EdsError } from '@eds/core'

/**
 * The `credential` of a session, which is base64, as the text of a `.creds` file.
 *
 * @throws EdsError `unknown` when it is none. The message quotes nothing of it.
 */
export function decodeCredential(credential: string): string {
  const text = Buffer.from(credential, 'base64').toString('utf8')
  if (text.includes('-----BEGIN NATS USER JWT-----')) return text
  throw new EdsError('unknown', 'the credentials that HQ gave for this session are no NATS credentials', {
    fix: 'start again; if it stays, tell the support of HQ',
  })
}
