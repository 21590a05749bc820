import type { DriverTraits } from '@eds/core'
import type { S3Config } from './config.js'

/** What the definition says about the driver, besides its configuration. */
export const describeS3 = {
  apiVersion: 1,
  name: 's3',
  title: 'Amazon S3',
  description: 'Objects in S3, or in a compatible store: one per row, or NDJSON and Parquet files.',
  exampleUrl: 's3://bucket/prefix?region=us-west-2&access-key-id=AKIA&secret-access-key=secret',
  help: `Without keys, the standard AWS environment variables, profiles and roles are used. Compatible services are named by host and port:
s3://localhost:9000/bucket/prefix, or by ?endpoint=http://minio:9000; Google Cloud Storage by s3://storage.googleapis.com/bucket.
By default every row is an object <prefix>/<table>/<primary key>.json that holds its last change. With ?format=ndjson or
?format=parquet every change is kept, in files <prefix>/<table>/date=…/hour=…/<first>-<last>.`,
  schemes: ['s3'],
  traits,
} as const

/** More events than this are never worth one file: their bytes are the bound. */
const maxFileEvents = 100_000

function traits({ format, maxBatchSize, targetBytes, lingerMs }: S3Config): DriverTraits {
  const common = { maxInFlight: 1, ordering: 'key', redelivery: 'idempotent', start: 'resume' } as const
  if (format === 'json') {
    const bounds = { maxBatchEvents: maxBatchSize ?? 1_000, maxBatchBytes: 16 * 2 ** 20, lingerMs: 0 }
    return { ...common, ...bounds, compaction: true, batches: 'free' }
  }
  const bounds = { maxBatchEvents: maxBatchSize ?? maxFileEvents, maxBatchBytes: targetBytes, lingerMs }
  return { ...common, ...bounds, compaction: false, batches: 'stable' }
}
