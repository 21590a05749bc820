import { closeCases } from './close-cases.js'
import { cursorCases } from './cursor-cases.js'
import { deliveryCases } from './delivery-cases.js'
import { resumeCases } from './resume-cases.js'
import type { SourceCase } from './source-case.js'
import { troubleCases } from './trouble-cases.js'

/** Every case of the source suite, in the order in which they are registered. */
export const sourceCases: readonly SourceCase[] = [
  ...deliveryCases,
  ...resumeCases,
  ...cursorCases,
  ...troubleCases,
  ...closeCases,
]
