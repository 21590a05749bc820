import { requireExecutable } from '@eds/tool-services/vitest'
import { pack } from 'msgpackr'
import { connect, credsAuthenticator, headers, type NatsConnection } from 'nats'
import { afterEach } from 'vitest'
import { type HqSim, type HqSimOptions, startHqSim } from '../src/index.js'

/** Without a NATS server the tests are skipped, and say so. */
export const nats = await requireExecutable('nats')

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A simulator that is closed after the test. */
export async function makeSim(options: HqSimOptions = {}): Promise<HqSim> {
  const sim = await startHqSim(options)
  closers.push(() => sim.close())
  return sim
}

/** A call with the API key; the parsed answer. */
export async function call(sim: HqSim, method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${sim.apiKey}`, 'content-type': 'application/json' }
  const init = body === undefined ? {} : { body: JSON.stringify(body) }
  const response = await fetch(`${sim.url}${path}`, { method, headers, ...init })
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) }
}

/** Starts a session; its id and the bytes of its `.creds` file. */
export async function startSession(sim: HqSim): Promise<{ sessionId: string; credential: Uint8Array }> {
  const body = { version: '1.0.0', hostname: 'here', serverId: sim.serverId, osinfo: { num_cpu: 2 } }
  const { json } = await call(sim, 'POST', '/v3/eds/internal', body)
  return { sessionId: json.data.sessionId, credential: Buffer.from(json.data.credential, 'base64') }
}

/** A server's connection to NATS. */
export async function connectSession(sim: HqSim, credential: Uint8Array): Promise<NatsConnection> {
  const connection = await connect({ servers: sim.natsUrl, authenticator: credsAuthenticator(credential) })
  closers.push(() => connection.close())
  return connection
}

/** Publishes an answer as a server does. */
export function answer(connection: NatsConnection, sessionId: string, name: string, data: unknown): void {
  const named = headers()
  named.set('content-encoding', 'msgpack')
  named.set('Nats-Msg-Id', 'one')
  connection.publish(`eds.client.${sessionId}.${name}`, pack(data), { headers: named })
}
