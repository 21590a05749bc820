import { defineDriver } from '@eds/core'
import { configSchema, formatConfigUrl, formFields, parseConfigUrl } from './config.js'
import { describeEventHub } from './describe.js'
import { EventHubDriver } from './driver.js'

export default defineDriver({
  ...describeEventHub,
  config: configSchema,
  parse: parseConfigUrl,
  format: formatConfigUrl,
  form: formFields,
  create: (config) => new EventHubDriver(config),
})
