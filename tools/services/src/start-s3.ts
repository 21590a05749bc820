import { type PrivateServer, startPrivately } from './private-server.js'
import { s3 } from './s3.js'

/** Starts a throw-away S3 server without buckets; the account is in its URL. Rejects with the end of its log. */
export function startS3(): Promise<PrivateServer> {
  return startPrivately(s3, async () => [])
}
