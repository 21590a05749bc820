import { ByteWriter } from './byte-writer.js'
import { doneToken, environment, writeDone, writeInfo, writeLoginAck, writeTextChange } from './tokens.js'

const featureAcknowledgement = Buffer.from([0xae, 0x02, 0, 0, 0, 0, 0xff])

/** The answer to a login that succeeded. */
export function writeLogin(login: { database: string; packetSize: number; withToken: boolean }): Buffer {
  const writer = new ByteWriter()
  writeTextChange(writer, environment.database, login.database, 'master')
  writeInfo(writer, 5701, `Changed database context to '${login.database}'.`)
  writeLoginAck(writer)
  writeTextChange(writer, environment.packetSize, String(login.packetSize), '4096')
  if (login.withToken) writer.raw(featureAcknowledgement)
  writeDone(writer, { token: doneToken.done })
  return writer.finish()
}
