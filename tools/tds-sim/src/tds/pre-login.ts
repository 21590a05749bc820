/** Value of the ENCRYPTION option (MS-TDS 2.2.6.5). */
const encryptionNotSupported = 0x02

const optionToken = { version: 0, encryption: 1, instance: 2, threadId: 3, mars: 4, terminator: 0xff } as const

/** The server's answer: version 16.0.1000, no encryption, no MARS. */
export function writePreLogin(): Buffer {
  const options: [number, Buffer][] = [
    [optionToken.version, Buffer.from([16, 0, 0x03, 0xe8, 0, 0])],
    [optionToken.encryption, Buffer.from([encryptionNotSupported])],
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
