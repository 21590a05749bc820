import { defineDriver } from '@eds/core'
import { configSchema, formatConfigUrl, formFields, parseConfigUrl } from './config.js'
import { describeKafka } from './describe.js'
import { KafkaDriver } from './driver.js'

export default defineDriver({
  ...describeKafka,
  config: configSchema,
  parse: parseConfigUrl,
  format: formatConfigUrl,
  form: formFields,
  create: (config) => new KafkaDriver(config),
})
