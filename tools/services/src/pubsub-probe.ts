import { connect } from 'node:http2'
import type { Endpoint, ProbeResult } from './service-definition.js'

/** Asks for the topics of a project, as gRPC over HTTP/2: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
export function probePubsub({ host, port }: Endpoint, timeoutMs: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const scheme = host.endsWith('.googleapis.com') ? 'https' : 'http'
    const session = connect(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`)
    let connected = false
    const settle = (result: ProbeResult) => {
      clearTimeout(timer)
      session.destroy()
      resolve(result)
    }
    const fail = () => settle(connected ? notPubsub : { state: 'closed' })
    const timer = setTimeout(fail, timeoutMs)
    session.on('connect', () => {
      connected = true
    })
    session.on('error', fail)
    session.on('close', fail)
    const request = session.request({
      ':method': 'POST',
      ':path': '/google.pubsub.v1.Publisher/ListTopics',
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    const answer = (headers: Record<string, unknown>) => {
      if (headers['grpc-status'] !== undefined) settle(classifyPubsubStatus(Number(headers['grpc-status'])))
    }
    request.on('response', answer)
    request.on('trailers', answer)
    request.on('error', fail)
    request.resume()
    request.end(listTopicsRequest('projects/eds-test'))
  })
}

const notPubsub: ProbeResult = { state: 'unsuitable', reason: 'what answers is not Pub/Sub' }

/** OK, or a refusal (invalid argument, no permission, not authenticated) that only somebody who knows the method gives. */
const knownStatuses: ReadonlySet<number> = new Set([0, 3, 7, 16])

/** The status of the answer to `ListTopics` → what it says about the server. */
export function classifyPubsubStatus(status: number): ProbeResult {
  if (status === 14) return { state: 'starting' }
  return knownStatuses.has(status) ? { state: 'ready' } : notPubsub
}

/** `ListTopicsRequest { project = 1 }` behind the five bytes that begin a gRPC message. */
function listTopicsRequest(project: string): Buffer {
  const message = Buffer.concat([Buffer.of(0x0a, project.length), Buffer.from(project)])
  return Buffer.concat([Buffer.of(0, 0, 0, 0, message.length), message])
}
