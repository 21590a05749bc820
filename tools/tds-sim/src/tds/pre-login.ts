/** Values of the ENCRYPTION option (MS-TDS 2.2.6.5). */
export const encryption = { on: 0x01, notSupported: 0x02 } as const

const optionToken = { version: 0, encryption: 1, instance: 2, threadId: 3, mars: 4, terminator: 0xff } as const

/** What the client says about encryption in its PRELOGIN. */
export function readPreLoginEncryption(payload: Buffer): number {
  for (let offset = 0; payload[offset] !== optionToken.terminator; offset += 5) {
    if (payload.readUInt8(offset) === optionToken.encryption) return payload.readUInt8(payload.readUInt16BE(offset + 1))
  }
  return encryption.notSupported
}

/** The server's answer: version 16.0.1000, no MARS. */
export function writePreLogin(encryptionOption: number): Buffer {
  const options: [number, Buffer][] = [
    [optionToken.version, Buffer.from([16, 0, 0x03, 0xe8, 0, 0])],
    [optionToken.encryption, Buffer.from([encryptionOption])],
    [optionToken.instance, Buffer.from([0])],
    [optionToken.threadId, Buffer.alloc(0)],
    [optionToken.mars, Buffer.from([0])],
  ]
  const heads: Buffer[] = []
  let dataOffset = options.length * 5 + 1
  for (const [token, data] of options) {
    const head = Buffer.alloc(5)
    head.writeUInt8(token, 0)
    head.writeUInt16BE(dataOffset, 1)
    head.writeUInt16BE(data.length, 3)
    heads.push(head)
    dataOffset += data.length
  }
  return Buffer.concat([...heads, Buffer.from([optionToken.terminator]), ...options.map(([, data]) => data)])
}
