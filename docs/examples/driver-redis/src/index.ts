import { defineDriver } from '@eds/core'
import { configSchema, formatConfigUrl, parseConfigUrl } from './config.js'
import { description } from './describe.js'
import { RedisDriver } from './driver.js'

export default defineDriver({
  ...description,
  config: configSchema,
  parse: parseConfigUrl,
  format: formatConfigUrl,
  create: (config) => new RedisDriver(config),
})
