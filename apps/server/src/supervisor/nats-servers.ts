const localServer = 'nats://localhost:4222'
const publicServer = 'nats://connect.nats.shopmonkey.pub'

/** Where NATS is, when nobody says: beside an HQ on this machine, else the public one. */
export function defaultNatsServer(apiUrl: string): string {
  const { hostname } = new URL(apiUrl)
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) ? localServer : publicServer
}
