import { gunzipSync } from 'node:zlib'
import { formatUrl, parseUrl } from '@eds/core'
import { testDriver } from '@eds/testkit'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, beforeAll } from 'vitest'
import s3 from '../src/index.js'
import { encodeName } from '../src/names.js'
import { TcpProxy } from './tcp-proxy.js'
import { TestBucket } from './test-bucket.js'

const server = await requireService('s3')

server.describe('on a real server', () => {
  let bucket: TestBucket
  let proxy: TcpProxy

  beforeAll(async () => {
    bucket = await TestBucket.open(server.url)
    proxy = await TcpProxy.start(bucket.address)
  })

  afterAll(async () => {
    await proxy.stop()
    await bucket.close()
  })

  /** Runs the suite with a folder of its own for each case, so that reading back does not read what other cases wrote. */
  function testFormat(format: string, read: (folder: string) => AsyncIterable<Uint8Array | string>): void {
    let folder = ''
    let cases = 0
    const url = () => {
      folder = `${format}-${cases++}`
      return bucket.url(folder, { format, 'timeout-ms': '2000', 'max-retries': '2' }, proxy.port)
    }
    testDriver({
      title: format,
      definition: s3,
      url,
      readEvents: () => read(`${folder}/`),
      keeps: format === 'json' ? 'last event per row' : 'every event',
      connection: { break: () => proxy.break(), stall: () => proxy.stall(), restore: () => proxy.restore() },
      wrongUrl: () => {
        const { query, ...parts } = parseUrl(url())
        return formatUrl({ ...parts, query: { ...query, 'secret-access-key': 'wr0ng-secret-key' } })
      },
      drop: (table) => bucket.remove(`${folder}/${encodeName(table)}/`),
    })
  }

  async function* lines(folder: string): AsyncGenerator<string> {
    for await (const file of bucket.objects(folder)) yield* gunzipSync(file).toString().split('\n').slice(0, -1)
  }

  testFormat('json', (folder) => bucket.objects(folder))
  testFormat('ndjson', lines)
})
