import { firestoreStorage } from '../../src/firestore.js'
import { openSync } from '../../src/index.js'
import { request, testConfig } from './sync-world.js'

/**
 * An instance in a process of its own, which receives events until it is killed. Tells the parent of each event that was acknowledged and of
 * each message that went out. Arguments: address of the server, collection.
 */
const [, , endpoint = '', collection = ''] = process.argv
const tell = (fact: object) => process.send?.(fact)
const sync = await openSync({
  config: testConfig(),
  storage: await firestoreStorage({ collection, projectId: 'eds-test', endpoint }),
  send: async ({ eventID, events }) => {
    tell({
      eventID,
      contents: Object.values(events).flatMap((part) => (part.events ?? []).map(({ content }) => content)),
    })
  },
})
const receive = async (content: string, eventKey: string) => {
  await sync.receive(request(eventKey, content))
  tell({ acknowledged: content })
}
process.on('disconnect', () => process.exit(0))
for (let round = 0; ; round++) {
  const names = Array.from({ length: 8 }, (_, index) => `${process.pid}-${round}-${index}`)
  await Promise.all(names.map((name, index) => receive(name, index % 2 === 0 ? 'a' : 'b')))
}
