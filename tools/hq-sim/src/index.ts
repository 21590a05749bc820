export type { ExportSettings } from './export-settings.js'
export type { CustomAnswer, Fault, RouteName } from './faults.js'
export type { HqSim, HqSimOptions, NotifyOptions, SimEvent, SimSchema, SubjectAndBytes } from './hq-sim.js'
export type {
  AnswerRecord,
  ExportJobRecord,
  RequestRecord,
  SessionRecord,
  UploadKind,
  UploadRecord,
} from './records.js'
export { startHqSim } from './start-hq-sim.js'
