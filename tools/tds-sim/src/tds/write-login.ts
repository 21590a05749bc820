import { ByteWriter } from './byte-writer.js'
import { collation } from './column-type.js'
import { doneToken, environment, writeDone, writeInfo, writeLoginAck, writeTextChange } from './tokens.js'

const featureAcknowledgement = Buffer.from([0xae, 0x02, 0, 0, 0, 0, 0xff])

/** ENVCHANGE of the collation, without which clients cannot write VARCHAR. */
const collationChange = Buffer.from([0xe3, 8, 0, 7, 5])

/** The answer to a login that succeeded. */
export function writeLogin(login: { database: string; packetSize: number; withToken: boolean }): Buffer {
  const writer = new ByteWriter()
  writeTextChange(writer, environment.database, login.database, 'master')
  writer.raw(Buffer.concat([collationChange, collation, Buffer.from([0])]))
  writeInfo(writer, 5701, `Changed database context to '${login.database}'.`)
  writeLoginAck(writer)
  writeTextChange(writer, environment.packetSize, String(login.packetSize), '4096')
  if (login.withToken) writer.raw(featureAcknowledgement)
  writeDone(writer, { token: doneToken.done })
  return writer.finish()
}
