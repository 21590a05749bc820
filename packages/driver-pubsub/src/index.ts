import { defineDriver } from '@eds/core'
import { configSchema, formatConfigUrl, formFields, parseConfigUrl } from './config.js'
import { describePubsub } from './describe.js'
import { PubsubDriver } from './driver.js'

export default defineDriver({
  ...describePubsub,
  config: configSchema,
  parse: parseConfigUrl,
  format: formatConfigUrl,
  form: formFields,
  create: (config) => new PubsubDriver(config),
})
