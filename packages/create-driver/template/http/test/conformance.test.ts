import { TcpProxy, testDriver } from '@eds/testkit'
import { afterAll } from 'vitest'
import driver from '../src/index.js'
import { Receiver } from './receiver.js'

const token = 'kit/t0ken?4711'
const receiver = await Receiver.start(token)
const proxy = await TcpProxy.to({ host: '127.0.0.1', port: receiver.port })

afterAll(async () => {
  await proxy.close()
  await receiver.stop()
})

function urlWith(secret: string): string {
  return `__scheme__://:${encodeURIComponent(secret)}@127.0.0.1:${proxy.port}/changes?tls=false`
}

testDriver({
  definition: driver,
  url: urlWith(token),
  wrongUrl: urlWith('an0ther/t0ken'),
  readEvents: () => receiver.events(),
  poison: (row) => ({ ...row, name: 'poison' }),
  drop: (table) => receiver.drop(table),
  connection: proxy,
})
