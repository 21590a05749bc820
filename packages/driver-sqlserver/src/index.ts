import { defineDriver } from '@eds/core'
import { configSchema, formatConfigUrl, formFields, parseConfigUrl } from './config.js'
import { describeSqlServer } from './describe.js'
import { SqlServerDriver } from './driver.js'

export default defineDriver({
  ...describeSqlServer,
  config: configSchema,
  parse: parseConfigUrl,
  format: formatConfigUrl,
  form: formFields,
  create: (config, context) => new SqlServerDriver(config, context),
})
