import { expect, it } from 'vitest'
import { AckSubject } from '../src/ack-subject.js'

const facts = {
  deliveries: 2,
  sequence: 9_007_199_254_740_991,
  consumerSequence: 17,
  time: 1_720_732_611_708,
  pending: 5,
}
const tail = '2.9007199254740991.17.1720732611708587506.5'

it.each([
  `$JS.ACK.dbchange.eds-server1.${tail}`,
  `$JS.ACK.hub.A1B2C3.dbchange.eds-server1.${tail}`,
  `$JS.ACK._.A1B2C3.dbchange.eds-server1.${tail}.random`,
])('reads %s', (reply) => {
  const ack = new AckSubject()
  ack.read(reply)
  expect(ack).toMatchObject(facts)
})

it('reads one after the other', () => {
  const ack = new AckSubject()
  ack.read('$JS.ACK.s.c.1.99.1.1720732611708587506.3')
  ack.read('$JS.ACK.s.c.1.100.2.1720732611709000000.12')
  expect(ack).toMatchObject({ deliveries: 1, sequence: 100, consumerSequence: 2, time: 1_720_732_611_709, pending: 12 })
})

it.each(['_INBOX.abc', '$JS.ACK.s.c.1.2', '$JS.API.a.b.c.d.e.f.g'])('refuses %s', (reply) => {
  expect(() => new AckSubject().read(reply)).toThrow('not a JetStream delivery')
})
