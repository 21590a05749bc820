import { expect, test } from 'vitest'
import { sessionPermissions } from '../src/permissions.js'

test('a session gets what HQ grants, and nothing besides', () => {
  expect(sessionPermissions('s1', ['c1', 'c2'])).toEqual({
    publish: [
      '$JS.API.STREAM.NAMES',
      '$JS.ACK.dbchange.>',
      '$JS.API.CONSUMER.>',
      '$JS.API.STREAM.CREATE.dbchange',
      'eds.client.s1.>',
      '_INBOX.>',
      'dbchange.>',
    ],
    subscribe: ['dbchange.*.*.c1.*.PUBLIC.>', 'dbchange.*.*.c2.*.PUBLIC.>', 'eds.notify.s1.>', '_INBOX.>'],
  })
})
