import { defineDriver } from '@eds/core'
import { configSchema, formatConfigUrl, formFields, parseConfigUrl } from './config.js'
import { describeSnowflake, traitsOf } from './describe.js'
import { SnowflakeDriver } from './driver.js'

export default defineDriver({
  ...describeSnowflake,
  config: configSchema,
  parse: parseConfigUrl,
  format: formatConfigUrl,
  form: formFields,
  traits: traitsOf,
  create: (config, context) => new SnowflakeDriver(config, context),
})
