import { configFromForm, isEdsError, maskConfig, maskUrl, parseSinkUrl } from '@eds/core'
import { describe, expect, it } from 'vitest'
import s3 from '../src/index.js'

function refusal(url: string): string {
  try {
    parseSinkUrl(s3, url)
  } catch (error) {
    if (isEdsError(error) && error.code === 'configuration') return error.message
    throw error
  }
  throw new Error(`${url} was accepted`)
}

const defaults = {
  prefix: '',
  region: 'us-west-2',
  pathStyle: true,
  maxRetries: 5,
  uploadTasks: 4,
  format: 'json',
  targetBytes: 2 ** 25,
  lingerMs: 10_000,
  timeoutMs: 60_000,
}

describe('URL', () => {
  it.each([
    ['s3://bucket', { bucket: 'bucket' }],
    ['s3://bucket/', { bucket: 'bucket' }],
    ['s3://my.bucket/a/b/', { bucket: 'my.bucket', prefix: 'a/b' }],
    [
      's3://bucket/prefix?region=eu-central-1&access-key-id=AK&secret-access-key=a/b+c=&session-token=t%2F&max-retries=3&maxBatchSize=10&uploadTasks=8',
      {
        bucket: 'bucket',
        prefix: 'prefix',
        region: 'eu-central-1',
        accessKeyId: 'AK',
        secretAccessKey: 'a/b+c=',
        sessionToken: 't/',
        maxRetries: 3,
        maxBatchSize: 10,
        uploadTasks: 8,
      },
    ],
    ['s3://localhost/bucket', { bucket: 'bucket', endpoint: 'http://localhost' }],
    ['s3://localhost:9000/bucket/p', { bucket: 'bucket', prefix: 'p', endpoint: 'http://localhost:9000' }],
    ['s3://127.0.0.1:9000/bucket', { bucket: 'bucket', endpoint: 'http://127.0.0.1:9000' }],
    ['s3://[::1]:9000/bucket', { bucket: 'bucket', endpoint: 'http://[::1]:9000' }],
    ['s3://minio.example.com:9000/bucket', { bucket: 'bucket', endpoint: 'https://minio.example.com:9000' }],
    [
      's3://storage.googleapis.com/bucket/p',
      { bucket: 'bucket', prefix: 'p', endpoint: 'https://storage.googleapis.com' },
    ],
    ['s3://bucket/p?endpoint=http://minio:9000/', { bucket: 'bucket', prefix: 'p', endpoint: 'http://minio:9000' }],
    [
      's3://bucket?sse=aws:kms&kms-key-id=arn:aws:kms:x',
      { bucket: 'bucket', sse: 'aws:kms', kmsKeyId: 'arn:aws:kms:x' },
    ],
    ['s3://bucket?checksum=none&path-style=false', { bucket: 'bucket', checksum: 'none', pathStyle: false }],
    [
      's3://bucket?format=parquet&target-bytes=1024&linger-ms=0&timeout-ms=1',
      { bucket: 'bucket', format: 'parquet', targetBytes: 1_024, lingerMs: 0, timeoutMs: 1 },
    ],
    ['s3://bucket?region=&access-key-id=&secret-access-key=', { bucket: 'bucket' }],
  ])('%s', (url, expected) => {
    const config = parseSinkUrl(s3, url)
    expect(config).toEqual({ ...defaults, ...expected })
    expect(parseSinkUrl(s3, s3.format(config))).toEqual(config)
  })

  it('keeps the form with a host where there is one', () => {
    const url = 's3://localhost:9000/bucket/prefix?access-key-id=AK&secret-access-key=SK'
    expect(s3.format(parseSinkUrl(s3, url))).toBe(url)
  })

  it.each([
    ['s3://', /one bucket/],
    ['s3://a,b/c', /one bucket/],
    ['s3://user:pass@bucket', /one bucket/],
    ['s3://localhost:9000', /bucket/],
    ['s3://bucket/../x', /\. or \.\./],
    ['s3://bucket/%0A', /control characters/],
    ['s3://bucket?colour=red', /unknown parameter "colour"/],
    ['s3://bucket?bucket=other', /unknown parameter "bucket"/],
    ['s3://bucket?access-key-id=AK', /go together/],
    ['s3://bucket?session-token=t', /session-token needs/],
    ['s3://bucket?kms-key-id=k', /sse=aws:kms/],
    ['s3://bucket?sse=rot13', /sse/],
    ['s3://bucket?format=csv', /format/],
    ['s3://bucket?uploadTasks=0', /uploadTasks/],
    ['s3://bucket?endpoint=http://u:p@minio:9000', /user and password/],
  ])('refuses %s', (url, reason) => {
    expect(refusal(url)).toMatch(reason)
  })
})

it('shows no secret', () => {
  const url = 's3://bucket?access-key-id=AKIAKEY&secret-access-key=hush/hush&session-token=quiet'
  expect(maskUrl(url)).not.toMatch(/AKIAKEY|hush|quiet/)
  expect(JSON.stringify(maskConfig(s3.config, parseSinkUrl(s3, url)))).not.toMatch(/AKIAKEY|hush|quiet/)
})

it('is filled in by the form', () => {
  const values = {
    Bucket: 'bucket',
    Prefix: '/p/',
    Region: 'eu-west-1',
    'Access Key ID': 'AK',
    'Secret Access Key': 'S/K',
    Endpoint: 'localhost:9000',
  }
  const config = {
    ...defaults,
    bucket: 'bucket',
    prefix: 'p',
    region: 'eu-west-1',
    accessKeyId: 'AK',
    secretAccessKey: 'S/K',
    endpoint: 'http://localhost:9000',
  }
  expect(configFromForm(s3, values)).toEqual({ config })
  expect(configFromForm(s3, {})).toEqual({ fieldErrors: [{ field: 'Bucket', error: 'is required' }] })
  expect(s3.form?.map(({ name, required, format }) => [name, required, format])).toEqual([
    ['Bucket', true, undefined],
    ['Prefix', false, undefined],
    ['Region', false, undefined],
    ['Access Key ID', false, 'password'],
    ['Secret Access Key', false, 'password'],
    ['Endpoint', false, undefined],
  ])
})

it('the traits follow the options', () => {
  const traitsOf = (url: string) => s3.traits(parseSinkUrl(s3, url))
  expect(traitsOf('s3://b')).toMatchObject({ maxBatchEvents: 1_000, lingerMs: 0, compaction: true, batches: 'free' })
  expect(traitsOf('s3://b?maxBatchSize=7')).toMatchObject({ maxBatchEvents: 7 })
  expect(traitsOf('s3://b?format=ndjson&target-bytes=5000&linger-ms=3')).toMatchObject({
    maxBatchEvents: 100_000,
    maxBatchBytes: 5_000,
    lingerMs: 3,
    compaction: false,
    batches: 'stable',
  })
})
