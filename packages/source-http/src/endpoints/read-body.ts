import type { IncomingMessage } from 'node:http'

/** The body has more bytes than are taken. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
}

/** The sender went away before the body was complete. */
export class BodyCutOff extends Error {
  override readonly name = 'BodyCutOff'
}

/** The whole body. Rejects with {@link BodyTooLarge} as soon as that is clear, or {@link BodyCutOff}. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return reject(new BodyTooLarge())
    const parts: Buffer[] = []
    let bytes = 0
    request.on('data', (part: Buffer) => {
      bytes += part.length
      if (bytes <= maxBytes) return void parts.push(part)
      request.pause()
      reject(new BodyTooLarge())
    })
    request.on('end', () => resolve(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)))
    request.on('error', () => reject(new BodyCutOff()))
    request.on('close', () => {
      if (!request.readableEnded) reject(new BodyCutOff())
    })
  })
}
