import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// Reads each body and answers 200: the least that a server of Node.js can do.
const server = createServer((request, response) => {
  request.on('data', () => {})
  request.on('end', () => {
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 2 })
    response.end('ok')
  })
})
server.listen(0, '127.0.0.1', () => console.error(`listening on port ${(server.address() as AddressInfo).port}`))
