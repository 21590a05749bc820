export type { InjectedFailure, ReceivedStatement } from './control.js'
export { SqlError } from './engine/sql-error.js'
export type { PlainRow } from './plain-rows.js'
export { startTdsSim, type TdsSim, type TdsSimOptions } from './tds-sim.js'
