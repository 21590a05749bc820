import { abortCases } from './abort-cases.js'
import { batchSizeCases } from './batch-size-cases.js'
import { configCases } from './config-cases.js'
import type { DriverCase } from './driver-case.js'
import { hostileCases } from './hostile-cases.js'
import { importCases } from './import-cases.js'
import { inFlightCases } from './in-flight-cases.js'
import { durabilityCases, lifecycleCases } from './lifecycle-cases.js'
import { migrationCases } from './migration-cases.js'
import { nameCases } from './name-cases.js'
import { orderCases } from './order-cases.js'
import { partialCases } from './partial-cases.js'
import { poisonCases } from './poison-cases.js'
import { probeCases } from './probe-cases.js'
import { reconnectCases } from './reconnect-cases.js'
import { replayCases } from './replay-cases.js'
import { shopCases } from './shop-cases.js'

/** Every case of the driver suite, in the order in which they are registered. */
export const driverCases: readonly DriverCase[] = [
  ...configCases,
  ...lifecycleCases,
  ...durabilityCases,
  ...orderCases,
  ...partialCases,
  ...replayCases,
  ...batchSizeCases,
  ...migrationCases,
  ...nameCases,
  ...hostileCases,
  ...poisonCases,
  ...abortCases,
  ...inFlightCases,
  ...reconnectCases,
  ...importCases,
  ...probeCases,
  ...shopCases,
]
