import { ByteReader } from './byte-reader.js'

/** What a client says of itself in LOGIN7 (MS-TDS 2.2.6.4). */
export interface Login {
  readonly packetSize: number
  readonly hostName: string
  readonly user: string
  readonly password: string
  readonly applicationName: string
  readonly database: string
  /** Access token of Microsoft Entra, in place of user and password. */
  readonly accessToken?: string
}

const securityTokenLibrary = 0x01
const fedAuthFeature = 0x02
const featureTerminator = 0xff

/** Reads a LOGIN7 message. */
export function readLogin(payload: Buffer): Login {
  const field = (position: number) =>
    new ByteReader(payload, payload.readUInt16LE(position)).text(payload.readUInt16LE(position + 2))
  const accessToken = readAccessToken(payload)
  return {
    packetSize: payload.readUInt32LE(8),
    hostName: field(36),
    user: field(40),
    password: readPassword(payload),
    applicationName: field(48),
    database: field(68),
    ...(accessToken === undefined ? {} : { accessToken }),
  }
}

/** Undoes the scrambling of passwords: each byte XOR 0xA5, then its halves swapped back. */
function readPassword(payload: Buffer): string {
  const reader = new ByteReader(payload, payload.readUInt16LE(44))
  const scrambled = reader.take(payload.readUInt16LE(46) * 2)
  const bytes = scrambled.map((byte) => {
    const plain = byte ^ 0xa5
    return ((plain << 4) | (plain >> 4)) & 0xff
  })
  return Buffer.from(bytes).toString('utf16le')
}

function readAccessToken(payload: Buffer): string | undefined {
  const hasExtensions = (payload.readUInt8(27) & 0x10) !== 0
  if (!hasExtensions) return undefined
  const reader = new ByteReader(payload, payload.readUInt32LE(payload.readUInt16LE(56)))
  for (let feature = reader.uint8(); feature !== featureTerminator; feature = reader.uint8()) {
    const data = reader.take(reader.uint32())
    if (feature !== fedAuthFeature || data.readUInt8(0) >> 1 !== securityTokenLibrary) continue
    return data.subarray(5, 5 + data.readUInt32LE(1)).toString('utf16le')
  }
  return undefined
}
