import { defineDriver } from '@eds/core'
import { configSchema, formatConfigUrl, parseConfigUrl } from './config.js'
import { description } from './describe.js'
import { __Class__Driver } from './driver.js'

export default defineDriver({
  ...description,
  config: configSchema,
  parse: parseConfigUrl,
  format: formatConfigUrl,
  create: (config) => new __Class__Driver(config),
})
