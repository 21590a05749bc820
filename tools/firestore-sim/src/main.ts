import { startFirestoreSim } from './firestore-sim.js'

/** A server in a process of its own: tells the parent its address, and lives as long as the parent does. Argument: options as JSON. */
const sim = await startFirestoreSim(JSON.parse(process.argv[2] ?? '{}'))
process.send?.({ host: sim.host })
process.on('disconnect', () => process.exit(0))
