export type { Fault, Method } from './faults.js'
export { type FirestoreSim, type FirestoreSimOptions, startFirestoreSim } from './firestore-sim.js'
export type { Document, Fields, Value } from './protocol.js'
