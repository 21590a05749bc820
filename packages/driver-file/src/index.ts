import { defineDriver } from '@eds/core'
import { type FileConfig, fileConfig, fileForm, formatFileUrl, parseFileUrl } from './config.js'
import { FileDriver } from './driver.js'
import { traits } from './traits.js'

export type { FileConfig } from './config.js'
export { decodeName } from './names.js'

export default defineDriver<FileConfig>({
  apiVersion: 1,
  name: 'file',
  title: 'File',
  description: 'Files on this machine: one per event, or one NDJSON file per table.',
  exampleUrl: 'file:///var/lib/eds/events',
  help: 'file:///directory?format=ndjson&rotate-size=128MB&rotate-interval=1h keeps one file per table instead of one per event.',
  schemes: ['file'],
  config: fileConfig,
  parse: parseFileUrl,
  format: formatFileUrl,
  form: fileForm,
  traits,
  create: (config, context) => new FileDriver(config, context),
})
