export type { Failure, StatementRecord } from './service.js'
export * from './simulator.js'
