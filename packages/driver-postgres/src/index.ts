import { defineDriver } from '@eds/core'
import { configSchema, formatConfigUrl, formFields, parseConfigUrl } from './config.js'
import { describePostgres } from './describe.js'
import { PostgresDriver } from './driver.js'

export default defineDriver({
  ...describePostgres,
  config: configSchema,
  parse: parseConfigUrl,
  format: formatConfigUrl,
  form: formFields,
  create: (config, context) => new PostgresDriver(config, context),
})
