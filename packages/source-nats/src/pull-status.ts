/**
 * What a status message tells about a pull request:
 * - `alive`: a heartbeat.
 * - `ended`: over, for a reason that needs nothing but the next request.
 * - `too-large`: over, because the next message does not fit into what was asked for.
 * - `busy`: not accepted, because another one is open.
 * - `gone`: the consumer or the server that had it is gone.
 * - `refused`: the server will never accept it.
 */
export type PullStatus = 'alive' | 'ended' | 'too-large' | 'busy' | 'gone' | 'refused'

/** https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-37.md */
export function pullStatus(code: number, description: string): PullStatus {
  const text = description.toLowerCase()
  if (code === 100) return 'alive'
  if (code === 503) return 'gone'
  if (code === 404 || code === 408) return 'ended'
  if (code !== 409) return 'refused'
  if (text.includes('maxbytes') && text.includes('message size')) return 'too-large'
  if (text.includes('batch completed')) return 'ended'
  if (text.includes('maxwaiting')) return 'busy'
  return text.includes('deleted') || text.includes('leadership') || text.includes('shutdown') ? 'gone' : 'refused'
}
