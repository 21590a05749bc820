import type { DriverTraits } from '@eds/core'

/** What the definition says about the driver, besides its configuration. */
export const describeSocketio = {
  apiVersion: 1,
  name: 'socketio',
  title: 'Browsers (socket.io)',
  description: 'Sends every change to the browsers and other socket.io clients of the users who may see it.',
  exampleUrl:
    'socketio://0.0.0.0:3000/socket.io?routing={"orders":"userId"}&jwksUrl=https://login.example.com/jwks.json',
  help: `Clients connect with io(host, {auth: {token}}) and get each change as the event "changes" and as one named like its table.
Who gets it is what ?routing says: {"orders": "userId"} sends a changed order to the sockets of the user whose id is in its column
userId; a table without a rule is sent to nobody. Tokens are looked up in a table (authUrl) or are JWTs (jwksUrl).`,
  schemes: ['socketio'],
  traits: (): DriverTraits => traits,
} as const

const traits: DriverTraits = {
  // Small batches: between two of them the sockets are flushed, and slow ones noticed.
  maxBatchEvents: 500,
  maxBatchBytes: 256 * 1024,
  maxInFlight: 1,
  lingerMs: 0,
  ordering: 'key',
  redelivery: 'duplicates',
  compaction: false,
  batches: 'free',
  start: 'now',
}
