import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { once, Stage } from './stage.js'

const { publicKey, privateKey } = await generateKeyPair('RS256')
const stranger = await generateKeyPair('RS256')

let keyServer: Server
let jwksUrl: string
let working = true

beforeAll(async () => {
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' }]
  keyServer = createServer((_request, response) => {
    response.writeHead(working ? 200 : 500, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
  })
  await new Promise<void>((resolve) => keyServer.listen(0, '127.0.0.1', resolve))
  jwksUrl = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/jwks.json`
})

afterAll(() => new Promise((resolve) => keyServer.close(resolve)))

const sign = (payload: JWTPayload, key = privateKey, expiry: string | number = '1h') =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).setExpirationTime(expiry).sign(key)

const good = { sub: 'user-1', iss: 'https://issuer', aud: 'shop', account: 42 }

async function answer(token: string, config: Record<string, unknown> = {}): Promise<unknown> {
  const stage = await Stage.open({ jwksUrl, jwtIssuer: 'https://issuer', jwtAudience: 'shop', ...config }, {})
  try {
    const client = stage.client(token)
    const [message] = await Promise.race([once(client, 'connected'), once(client, 'error')])
    return (message as { userId?: unknown; code: number }).userId ?? (message as { code: number }).code
  } finally {
    await stage.close()
  }
}

it.each<[title: string, token: () => Promise<string>, expected: string | number, config?: Record<string, unknown>]>([
  ['a good one', () => sign(good), 'user-1'],
  ['another claim', () => sign(good), 42, { jwtUserClaim: 'account' }],
  ['a missing claim', () => sign(good), 401, { jwtUserClaim: 'missing' }],
  ['another issuer', () => sign({ ...good, iss: 'https://other' }), 401],
  ['another audience', () => sign({ ...good, aud: 'other' }), 401],
  ['another key', () => sign(good, stranger.privateKey), 401],
  ['expired', () => sign(good, privateKey, 1_000_000), 401],
  ['unsigned', async () => new UnsecuredJWT(good).encode(), 401],
  ['no JWT', async () => 'text', 401],
])('%s', async (_title, token, expected, config = {}) => {
  expect(await answer(await token(), config)).toBe(expected)
})

it('one that is signed with the public key as if it were a secret is refused', async () => {
  const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(publicKey)))
  const token = await new SignJWT(good)
    .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
    .setExpirationTime('1h')
    .sign(secret)
  expect(await answer(token)).toBe(401)
})

it('a key server that does not work is said when starting', async () => {
  working = false
  try {
    await expect(answer('x')).rejects.toMatchObject({ message: expect.stringContaining('jwksUrl') })
  } finally {
    working = true
  }
})
