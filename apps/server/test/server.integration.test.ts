import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, connect as dial } from 'node:net'
import { join } from 'node:path'
import { compareState, describeDifferences, ExpectedState, objectName, type ShopEvent, shopSchemas } from '@eds/shop'
import { requireService } from '@eds/tool-services/vitest'
import { expect, it, onTestFinished } from 'vitest'
import { type EdsCall, runEds, startEds, temporaryFolder } from './eds.js'
import { askHttp, credentials, events, figure, figures, schemaFile, testDatabase, testStream } from './world.js'

const nats = await requireService('nats')
const postgres = await requireService('postgres')

async function world() {
  const stream = await testStream(nats.url)
  const source = ['--server', nats.url, '--stream', stream.name, '--schema', schemaFile()]
  return {
    stream,
    cwd: temporaryFolder(),
    /** What `eds server` needs here, besides destinations. */
    words: ['server', ...source, '--port', '0', '--host', '127.0.0.1', '--start', 'beginning'],
  }
}

async function stopped(call: EdsCall): Promise<number> {
  call.stop()
  return call.done
}

/** Lets connections through to a server, or not. */
async function gate(url: string): Promise<{ url: string; open(): Promise<void> }> {
  const target = new URL(url)
  const server = createServer((incoming) => {
    const outgoing = dial(Number(target.port), target.hostname)
    incoming.pipe(outgoing).pipe(incoming)
    incoming.on('error', () => outgoing.destroy())
    outgoing.on('error', () => incoming.destroy())
  })
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  await listen(0)
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  await new Promise((resolve) => server.close(resolve))
  onTestFinished(() => void server.close())
  const gated = new URL(url)
  gated.host = `127.0.0.1:${port}`
  return { url: gated.href, open: () => listen(port) }
}

/** Serves the shop's schemas as HQ does, and notes what it was asked for. */
async function schemaServer(): Promise<{ address: string; asked: string[] }> {
  const { versions, document } = shopSchemas()
  const asked: string[] = []
  const server = createHttpServer((request, response) => {
    asked.push(request.url ?? '')
    const [, , , object, version] = (request.url ?? '').split('/')
    const wanted = versions.find((schema) => objectName(schema.table) === object && schema.modelVersion === version)
    const body = object === undefined ? document() : wanted
    response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return { address: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, asked }
}

nats.describe('eds server', () => {
  postgres.describe('into PostgreSQL', () => {
    it('delivers what is in the stream, and after a restart what came meanwhile', async () => {
      const { stream, cwd, words } = await world()
      const database = await testDatabase(postgres.url)
      const expected = new ExpectedState()
      const publish = async (batch: ShopEvent[]) => {
        await stream.publish(batch)
        for (const event of batch) expected.apply(event)
      }
      const differences = async () => describeDifferences(await compareState(expected, database.readTable))

      await publish(events(300))
      const first = startEds([...words, '--url', `shop=${database.url}`], { cwd })
      await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(300)
      expect(await differences()).toBe('')
      expect(JSON.parse((await askHttp(cwd, '/')).text)).toEqual({ status: 'ok', sinks: { shop: 'running' } })
      expect(await stopped(first)).toBe(0)
      expect(existsSync(join(cwd, 'data/control.json'))).toBe(false)

      await publish(events(300, 300))
      const second = startEds([...words, '--url', `shop=${database.url}`], { cwd })
      await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(300)
      expect(await differences()).toBe('')
      expect(await stopped(second)).toBe(0)
      expect(await stream.consumers()).toEqual(['edsd-shop'])
    })

    it('waits for a destination that is away, says so once, and loses nothing', async () => {
      const { stream, cwd, words } = await world()
      const { url, open } = await gate((await testDatabase(postgres.url)).url)
      await stream.publish(events(100))
      const call = startEds([...words, '--url', `shop=${url}`, '--url', `copy=file://${cwd}/out`], { cwd })
      await expect.poll(() => figure(cwd, 'eds_sink_events_total{sink="copy"}')).toBe(100)
      await expect.poll(() => figure(cwd, 'eds_sink_retries_total{sink="shop"}')).toBeGreaterThan(1)
      const health = await askHttp(cwd, '/')
      expect(health.status).toBe(200)
      expect(JSON.parse(health.text)).toEqual({ status: 'degraded', sinks: { shop: 'retrying', copy: 'running' } })

      await open()
      await expect.poll(() => figure(cwd, 'eds_sink_events_total{sink="shop"}')).toBe(100)
      expect(JSON.parse((await askHttp(cwd, '/')).text)).toMatchObject({ status: 'ok' })
      expect(await stopped(call)).toBe(0)
      expect(call.stderr().match(/shop is failing/g)).toHaveLength(1)
      expect(call.stderr().match(/shop works again/g)).toHaveLength(1)
    })

    it('stops with exit code 1 and one line when the destination refuses for good, without the password', async () => {
      const { cwd, words } = await world()
      const wrong = new URL((await testDatabase(postgres.url)).url)
      wrong.password = 'not-the-okapi'
      const { code, stdout, stderr } = await runEds([...words, '--url', wrong.href], { cwd })
      expect(code).toBe(1)
      expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^error: .*password authentication failed/)
      expect(stdout + stderr).not.toContain('not-the-okapi')
    })

    it('asks for schemas where --schema says', async () => {
      const { stream, cwd, words } = await world()
      const database = await testDatabase(postgres.url)
      const { address, asked } = await schemaServer()
      await stream.publish(events(60))
      const others = words.filter((word, index) => word !== '--schema' && words[index - 1] !== '--schema')
      const call = startEds([...others, '--schema', `${address}/v3/schema`, '--url', `out=${database.url}`], { cwd })
      await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(60)
      expect(await stopped(call)).toBe(0)
      expect(asked).toContain('/v3/schema')
      const [column] = await database.query(
        `SELECT data_type FROM information_schema.columns WHERE column_name = 'createdDate'`,
      )
      expect(column).toEqual({ data_type: 'timestamp with time zone' })
    })

    it('keeps its data directory to itself', async () => {
      const { cwd, words } = await world()
      const database = await testDatabase(postgres.url)
      const call = startEds([...words, '--url', database.url], { cwd })
      await call.prints(/delivering from/)
      const paths = ['.', ...readdirSync(join(cwd, 'data'))].map((name) => join(cwd, 'data', name))
      for (const path of paths) expect([path, statSync(path).mode & 0o077]).toEqual([path, 0])
      const second = await runEds([...words, '--url', database.url], { cwd })
      expect(second.code).toBe(3)
      expect(second.stderr).toMatch(/error: the state store in .* is open in this process: stop it/)
      expect(await figure(cwd, 'eds_pending_events')).toBe(0)
      expect(await stopped(call)).toBe(0)
    })
  })

  it('serves several destinations, each with a place of its own', async () => {
    const { stream, cwd, words } = await world()
    const urls = (...names: string[]) => names.flatMap((name) => ['--url', `${name}=file://${cwd}/${name}`])
    await stream.publish(events(50))
    const first = startEds([...words, ...urls('one')], { cwd })
    await expect.poll(() => figure(cwd, 'eds_sink_events_total{sink="one"}')).toBe(50)
    await stopped(first)
    const second = startEds([...words, ...urls('one', 'two')], { cwd })
    await expect.poll(() => figure(cwd, 'eds_sink_events_total{sink="two"}')).toBe(50)
    expect(await figure(cwd, 'eds_sink_events_total{sink="one"}')).toBe(0)
    await stopped(second)
    expect(await stream.consumers()).toEqual(['edsd-one', 'edsd-two'])
  })

  it('goes on with the others when one stops for good, and says degraded', async () => {
    const { stream, cwd, words } = await world()
    writeFileSync(join(cwd, 'in-the-way'), '')
    const urls = ['--url', `good=file://${cwd}/good`, '--url', `bad=file://${cwd}/in-the-way/bad`]
    const call = startEds([...words, ...urls], { cwd })
    await call.prints(/bad stopped/)
    await stream.publish(events(40))
    await expect.poll(() => figure(cwd, 'eds_sink_events_total{sink="good"}')).toBe(40)
    expect(JSON.parse((await askHttp(cwd, '/')).text)).toMatchObject({ status: 'degraded', sinks: { bad: 'stopped' } })
    expect(await stopped(call)).toBe(1)
  })

  it('shows figures that move', async () => {
    const { stream, cwd, words } = await world()
    const call = startEds([...words, '--url', `out=file://${cwd}/out`], { cwd })
    await expect.poll(() => figure(cwd, 'eds_sink_state{sink="out",state="running"}')).toBe(1)
    await stream.publish(events(120))
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(120)
    const found = await figures(cwd)
    expect(found.get('eds_flush_count_sum')).toBe(120)
    expect(found.get('eds_flush_duration_seconds_sum')).toBeGreaterThan(0)
    expect(found.get('eds_processing_duration_seconds_count')).toBe(found.get('eds_flush_count_count'))
    expect(await runEds(['control', 'pause'], { cwd })).toEqual({ code: 0, stdout: 'paused\n', stderr: '' })
    await stream.publish(events(80, 120))
    await expect.poll(() => figure(cwd, 'eds_sink_events_behind{sink="out"}')).toBe(80)
    await expect.poll(() => figure(cwd, 'eds_pending_events')).toBeGreaterThan(0)
    await expect.poll(() => figure(cwd, 'eds_sink_oldest_pending_seconds{sink="out"}')).toBeGreaterThan(0)
    expect(await figure(cwd, 'eds_total_events')).toBe(120)
    expect(await runEds(['control', 'unpause', '--sink', 'out'], { cwd })).toMatchObject({ code: 0 })
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(200)
    expect(await figure(cwd, 'eds_sink_events_behind{sink="out"}')).toBe(0)
    await stopped(call)
  })

  it('begins at the beginning again when asked to', async () => {
    const { stream, cwd, words } = await world()
    await stream.publish(events(30))
    const first = startEds([...words, '--url', `out=file://${cwd}/out`], { cwd })
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(30)
    expect(await stopped(first)).toBe(0)
    for (let run = 0; run < 2; run++) {
      const call = startEds([...words.slice(0, -2), '--restart', '--url', `out=file://${cwd}/out`], { cwd })
      await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(30)
      expect(await stopped(call)).toBe(0)
    }
  })

  it('uses the consumer of the server that was there before when it is named', async () => {
    const { stream, cwd, words } = await world()
    const call = startEds([...words, '--consumer-suffix', 'blue', '--url', `out=file://${cwd}/out`], { cwd })
    await stream.publish(events(30))
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(30)
    await stopped(call)
    expect(await stream.consumers()).toEqual(['eds-dev-blue'])
  })

  it('reads server id and companies from credentials, and no other company', async () => {
    const { stream, cwd, words } = await world()
    const [company, other] = [...new Set(events(600).map(({ companyId }) => companyId))]
    writeFileSync(join(cwd, 'my.creds'), credentials('srv1', [company ?? '', other ?? '']))
    await stream.publish(events(200))
    const mine = events(200).filter(({ companyId }) => companyId === company)
    const narrowed = [...words, '--creds', 'my.creds', '--companyIds', company ?? '']
    const call = startEds([...narrowed, '--url', `out=file://${cwd}/out`], { cwd })
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(mine.length)
    expect(await stopped(call)).toBe(0)
    expect(await stream.consumers()).toEqual([`eds-server-${company}`])
    const refused = await runEds(
      [...words, '--creds', 'my.creds', '--companyIds', 'foreign', '--url', `file://${cwd}/x`],
      { cwd },
    )
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringMatching(/do not allow the companies foreign/) })
  })

  it('stops when NATS is away, too', async () => {
    const cwd = temporaryFolder()
    const words = ['server', '--server', 'nats://127.0.0.1:1', '--port', '0', '--host', '127.0.0.1']
    const call = startEds([...words, '--url', `out=file://${cwd}/out`], { cwd })
    await call.prints(/out is failing, trying again until it works: NATS at nats:\/\/127\.0\.0\.1:1/)
    expect(JSON.parse((await askHttp(cwd, '/')).text)).toMatchObject({ status: 'degraded' })
    expect(await stopped(call)).toBe(0)
  })
})
