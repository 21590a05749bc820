export { type EventHubSim, type EventHubSimOptions, startEventHubSim } from './event-hub-sim.js'
export type { StoredEvent } from './event-store.js'
