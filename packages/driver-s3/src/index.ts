import { defineDriver } from '@eds/core'
import { configSchema, formFields } from './config.js'
import { formatConfigUrl, parseConfigUrl } from './config-url.js'
import { describeS3 } from './describe.js'
import { S3Driver } from './driver.js'

export default defineDriver({
  ...describeS3,
  config: configSchema,
  parse: parseConfigUrl,
  format: formatConfigUrl,
  form: formFields,
  create: (config, context) => new S3Driver(config, context),
})
