import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
import { route } from './routes.js'
import type { Service } from './service.js'

/** Whether to withhold the answer to a request that was carried out. */
export type Withhold = (sqlText: string, body: unknown) => boolean

/** Serves the protocol on loopback; `port` 0 takes a free one. */
export async function listen(service: Service, port: number, withhold: Withhold): Promise<Server> {
  const server = createServer((request, response) => {
    serve(service, request, response, withhold).catch((error: unknown) => {
      response.writeHead(400, { 'content-type': 'text/plain' }).end(String(error))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}

async function serve(service: Service, request: IncomingMessage, response: ServerResponse, withhold: Withhold) {
  const body = await readBody(request)
  const url = new URL(request.url ?? '/', 'http://loopback')
  const token = /Token="([^"]*)"/.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const answer = await route(service, { method: request.method ?? 'GET', url, token, body })
  const { sqlText } = (body ?? {}) as { readonly sqlText?: string }
  if (sqlText !== undefined && withhold(sqlText, answer)) {
    request.socket.destroy()
    return
  }
  const packed = gzipSync(JSON.stringify(answer), { level: 1 })
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(packed)
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8')
  return text === '' ? undefined : JSON.parse(text)
}
