import { z } from 'zod'
import { type DriverDefinition, defineDriver, formatUrl, parseUrl, secret } from '../src/index.js'

const config = z.strictObject({
  host: z.string().describe('Where the server is.'),
  port: z.coerce.number().int().min(1).default(5432).describe('Its port.'),
  user: z.string().optional().describe('Who we are.'),
  password: secret(z.string().min(3)).optional().describe('The password.'),
  mode: z.enum(['fast', 'safe']).default('safe').meta({ title: 'Delivery Mode', description: 'How to deliver.' }),
  guard: z.stringbool().default(false).describe('Never go back.'),
  tags: z.array(z.string()).default([]).describe('Labels.'),
  accessKeyId: secret(z.string()).default('hidden-default').describe('An id.'),
})
export type ExampleConfig = z.infer<typeof config>

/** A definition with every kind of setting; it is never connected. */
export const exampleDriver: DriverDefinition<ExampleConfig> = defineDriver<ExampleConfig>({
  apiVersion: 1,
  name: 'example',
  title: 'Example',
  description: 'For tests.',
  exampleUrl: 'example://user:password@host:5432/?mode=safe',
  schemes: ['example', 'sample'],
  config,
  parse: (url) => {
    const { user, password, hosts, query } = parseUrl(url)
    return { ...hosts[0], user, password, ...query }
  },
  format: ({ user, password, host, port }) =>
    formatUrl({
      scheme: 'example',
      hosts: [{ host, port }],
      path: '',
      query: {},
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
    }),
  traits: () => ({
    maxBatchEvents: 1,
    maxBatchBytes: 1,
    maxInFlight: 1,
    lingerMs: 0,
    ordering: 'key',
    redelivery: 'idempotent',
    compaction: false,
    batches: 'free',
    start: 'resume',
  }),
  create: () => ({ connect: async () => {}, write: async () => ({}), close: async () => {} }),
})
