import { readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import { EdsError } from '@eds/core'
import type { KafkaConfig } from './config.js'

type Credentials = Pick<KafkaConfig, 'sasl' | 'username' | 'password' | 'tokenUrl' | 'scope' | 'requestTimeoutMs'>

/** How to log in, as the client library takes it. */
export type Login =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
      readonly username: string
      readonly password: string
    }
  | { readonly mechanism: 'oauthbearer'; readonly oauthBearerProvider: () => Promise<{ value: string }> }

export function loginOf(config: Credentials): Login | undefined {
  const { username = '', password = '', sasl: mechanism = username === '' ? undefined : 'plain' } = config
  if (mechanism === undefined) return undefined
  if (mechanism !== 'oauthbearer') return { mechanism, username, password }
  return { mechanism, oauthBearerProvider: async () => ({ value: await tokenOf(config) }) }
}

/** The token itself, or one fetched for the client's credentials: https://www.rfc-editor.org/rfc/rfc6749#section-4.4 */
async function tokenOf({
  username = '',
  password = '',
  tokenUrl,
  scope,
  requestTimeoutMs,
}: Credentials): Promise<string> {
  if (tokenUrl === undefined) return password
  const basic = Buffer.from(`${encodeURIComponent(username)}:${encodeURIComponent(password)}`).toString('base64')
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
  const request = { method: 'POST', headers: { authorization: `Basic ${basic}` }, body: form }
  const response = await fetch(tokenUrl, { ...request, signal: AbortSignal.timeout(requestTimeoutMs) })
  const answer: unknown = response.ok ? await response.json() : undefined
  const token =
    typeof answer === 'object' && answer !== null && 'access_token' in answer ? answer.access_token : undefined
  if (typeof token === 'string') return token
  const code = response.status >= 500 || response.status === 429 ? 'connection' : 'authentication'
  throw new EdsError(code, `Kafka: ${new URL(tokenUrl).host} gave no token (HTTP ${response.status})`, {
    fix: 'check user name, password, tokenUrl and scope',
  })
}

/** TLS settings, with the files read; `undefined` for plain text. */
export async function readTls({ tls, tlsCa, tlsCert, tlsKey }: KafkaConfig): Promise<ConnectionOptions | undefined> {
  if (!tls) return undefined
  const [ca, cert, key] = await Promise.all([
    readPem('tlsCa', tlsCa),
    readPem('tlsCert', tlsCert),
    readPem('tlsKey', tlsKey),
  ])
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}

async function readPem(option: string, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path)
  } catch (error) {
    throw new EdsError('configuration', `Kafka: the file of ${option}, ${path}, cannot be read`, { cause: error })
  }
}
