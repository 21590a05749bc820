import type { PutObjectCommandInput, S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import type { S3Config } from './config.js'
import { isGoogle } from './endpoint.js'

/** The client library, loaded when it is needed: it is large. */
export type S3Library = typeof import('@aws-sdk/client-s3')

const connectTimeoutMs = 10_000

/**
 * A client for the destination. Its retries keep order: they send the same bytes to the same object, whose next change waits until
 * this one has settled.
 */
export function createClient(library: S3Library, config: S3Config): S3Client {
  const { region, endpoint, pathStyle, maxRetries, timeoutMs, uploadTasks } = config
  const agent = { keepAlive: true, maxSockets: uploadTasks }
  const options: S3ClientConfig = {
    region,
    forcePathStyle: pathStyle,
    maxAttempts: maxRetries,
    followRegionRedirects: false,
    // Checksums are asked for per request; this only stops the library from adding ones that the server may not know.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: Math.min(connectTimeoutMs, timeoutMs),
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...credentialsOf(config),
  }
  return new library.S3Client(options)
}

function credentialsOf({ accessKeyId, secretAccessKey, sessionToken }: S3Config): Pick<S3ClientConfig, 'credentials'> {
  if (accessKeyId === undefined || secretAccessKey === undefined) return {}
  return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } }
}

type UploadSettings = Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'>

/** How an object is to be encrypted, said when its upload begins. */
export function encryptionOf({ sse, kmsKeyId }: S3Config): UploadSettings {
  return {
    ...(sse === undefined ? {} : { ServerSideEncryption: sse }),
    ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
  }
}

/** Which checksum goes along with every body, for the server to verify. */
export function checksumOf({ checksum, endpoint }: S3Config): Pick<PutObjectCommandInput, 'ChecksumAlgorithm'> {
  switch (checksum ?? (isGoogle(endpoint) ? 'none' : 'crc32')) {
    case 'crc32':
      return { ChecksumAlgorithm: 'CRC32' }
    case 'sha256':
      return { ChecksumAlgorithm: 'SHA256' }
    default:
      return {}
  }
}
