export { type CanonicalRow, canonicalRow, canonicalValue } from './canonical.js'
export {
  type CompareOptions,
  compareState,
  type Difference,
  describeDifferences,
  type ReadTable,
} from './compare-state.js'
export { primaryKeyText } from './event-text.js'
export { type ShopEvent, shopEvents } from './events.js'
export { canonicalJson, canonicalNumber, parseExact } from './exact-json.js'
export { ExpectedState, type ExpectedStateOptions } from './expected-state.js'
export { type ExportOptions, type ShopExport, writeExport } from './export.js'
export type { ExportRowsOptions } from './export-rows.js'
export type { HostileClass } from './hostile.js'
export { type OperationMix, type ShopOptions, shopCompanies } from './options.js'
export { objectName, type SchemaOptions, type ShopSchemas, shopSchemas } from './schemas.js'
export { type RowBytes, shopTables } from './tables.js'
