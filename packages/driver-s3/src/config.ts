import { type FormField, secret } from '@eds/core'
import { z } from 'zod'
import { normalEndpoint } from './endpoint.js'

const flag = z.union([z.boolean(), z.stringbool()])

const bucket = z
  .string()
  .min(1, 'must not be empty')
  .refine((name) => !/[/\p{Cc}]/u.test(name), 'must be the name of a bucket, without slashes')

const prefix = z
  .string()
  .transform((text) => text.replace(/^\/+|\/+$/g, ''))
  .refine((text) => !/\p{Cc}/u.test(text), 'must not hold control characters')
  .refine((text) => !text.split('/').some((part) => part === '.' || part === '..'), 'must not hold . or .. as a part')
  .refine((text) => Buffer.byteLength(text) <= 512, 'must not be longer than 512 bytes')

const endpoint = z
  .string()
  .min(1)
  .transform(normalEndpoint)
  .refine((url) => URL.canParse(url), 'must be a URL such as http://localhost:9000')
  .refine((url) => !/^https?:\/\/[^/]*@/.test(url), 'must not hold user and password')

/** Settings of an S3 destination; each is a URL parameter too (`access-key-id` and the like), unless it has a place of its own. */
export const configSchema = z
  .strictObject({
    bucket: bucket.describe('Name of the bucket; it must exist'),
    prefix: prefix.default('').describe('Everything is written below it; default: the root of the bucket'),
    region: z.string().min(1).default('us-west-2').describe('Region of the bucket'),
    accessKeyId: secret(z.string().min(1))
      .optional()
      .describe('Access key; default: the standard AWS credential chain'),
    secretAccessKey: secret(z.string().min(1)).optional().describe('Its secret'),
    sessionToken: secret(z.string().min(1)).optional().describe('Session token of temporary credentials'),
    endpoint: endpoint.optional().describe('Address of a compatible service; default: AWS, by the region'),
    pathStyle: flag.default(true).describe('Address the bucket in the path of the URL rather than in the host name'),
    maxRetries: z.coerce.number().int().min(1).max(20).default(5).describe('How often a request is tried'),
    maxBatchSize: z.coerce
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('Events per batch; default: 1,000 with `json`, else 100,000'),
    uploadTasks: z.coerce.number().int().min(1).max(256).default(4).describe('Uploads at the same time'),
    format: z
      .enum(['json', 'ndjson', 'parquet'])
      .default('json')
      .describe('`json`: an object per row, its last change. `ndjson` (gzip) and `parquet`: every change, in files'),
    targetBytes: z.coerce
      .number()
      .int()
      .min(1_024)
      .max(256 * 2 ** 20)
      .default(32 * 2 ** 20)
      .describe('With `ndjson` and `parquet`: a batch holds at most so many bytes of events'),
    lingerMs: z.coerce
      .number()
      .int()
      .min(0)
      .max(3_600_000)
      .default(10_000)
      .describe('With `ndjson` and `parquet`: wait so long for a batch to fill'),
    sse: z.enum(['AES256', 'aws:kms']).optional().describe('Server-side encryption; default: that of the bucket'),
    kmsKeyId: z.string().min(1).optional().describe('With `sse=aws:kms`: the key, default: that of the account'),
    checksum: z
      .enum(['crc32', 'sha256', 'none'])
      .optional()
      .describe('Checksum that the server verifies; default: `crc32`, with Google Cloud Storage `none`'),
    timeoutMs: z.coerce.number().int().min(1).max(600_000).default(60_000).describe('Give up on a request after this'),
  })
  .refine(
    ({ accessKeyId, secretAccessKey }) => (accessKeyId === undefined) === (secretAccessKey === undefined),
    'access-key-id and secret-access-key go together',
  )
  .refine(
    ({ sessionToken, accessKeyId }) => sessionToken === undefined || accessKeyId !== undefined,
    'session-token needs access-key-id and secret-access-key',
  )
  .refine(({ kmsKeyId, sse }) => kmsKeyId === undefined || sse === 'aws:kms', 'kms-key-id needs sse=aws:kms')

export type S3Config = z.output<typeof configSchema>

type Field = Pick<FormField, 'name' | 'key' | 'description'> & { readonly required?: true; readonly password?: true }

const fields: readonly Field[] = [
  { name: 'Bucket', key: 'bucket', description: 'The bucket to write to', required: true },
  { name: 'Prefix', key: 'prefix', description: 'The prefix of all objects' },
  { name: 'Region', key: 'region', description: 'The region of the bucket' },
  { name: 'Access Key ID', key: 'accessKeyId', description: 'The access key ID', password: true },
  { name: 'Secret Access Key', key: 'secretAccessKey', description: 'The secret access key', password: true },
  { name: 'Endpoint', key: 'endpoint', description: 'The address of a compatible service, if it is not AWS' },
]

export const formFields: readonly FormField[] = fields.map(({ name, key, description, required, password }) => ({
  name,
  key,
  type: 'string',
  description,
  required: required ?? false,
  ...(password && { format: 'password' }),
}))
