import { testDriver } from '@eds/testkit'
import { type EventHubSim, startEventHubSim } from '@eds/tool-eventhub-sim'
import { afterAll, beforeAll } from 'vitest'
import eventhub from '../src/index.js'
import { readHub } from './read-hub.js'

/** A real, empty hub to be used instead of the simulator; the account must have the claims Send and Listen. */
const realUrl = process.env.EDS_TEST_EVENTHUB_URL

const exceptions = {
  'config: secrets with any characters survive format and parse':
    'the secret is a whole connection string, which cannot be any text',
}

if (realUrl !== undefined) {
  testDriver({
    title: 'eventhub in the cloud',
    definition: eventhub,
    exceptions,
    url: realUrl,
    readEvents: () => readBodies(realUrl.replace(/^eventhub:\/\//, 'Endpoint=sb://')),
    wrongUrl: realUrl.replace('SharedAccessKey=', 'SharedAccessKey=wr0ng'),
  })
} else {
  let sim: EventHubSim
  beforeAll(async () => {
    sim = await startEventHubSim()
  })
  afterAll(() => sim.stop())
  testDriver({
    title: 'eventhub against the simulator',
    definition: eventhub,
    exceptions,
    url: () => `${sim.url};RequestTimeoutMs=3000`,
    readEvents: () => readBodies(sim.connectionString),
    connection: { break: () => sim.breakConnections(), stall: async () => sim.stall(), restore: () => sim.restore() },
    wrongUrl: () => sim.url.replace('SharedAccessKey=', 'SharedAccessKey=wr0ng'),
  })
}

async function* readBodies(connectionString: string): AsyncGenerator<Uint8Array> {
  for await (const { body } of readHub(connectionString)) yield body as Uint8Array
}
