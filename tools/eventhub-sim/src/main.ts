import { startEventHubSim } from './event-hub-sim.js'

/** A hub in a process of its own: tells the parent its URL, and lives as long as the parent does. Argument: the options as JSON. */
const sim = await startEventHubSim(JSON.parse(process.argv[2] ?? '{}'))
process.send?.({ url: sim.url, connectionString: sim.connectionString })
process.on('disconnect', () => process.exit(0))
