import { defineDriver } from '@eds/core'
import { configSchema, formatConfigUrl, formFields, parseConfigUrl } from './config.js'
import { describeMysql } from './describe.js'
import { MysqlDriver } from './driver.js'

export default defineDriver({
  ...describeMysql,
  config: configSchema,
  parse: parseConfigUrl,
  format: formatConfigUrl,
  form: formFields,
  create: (config, context) => new MysqlDriver(config, context),
})
