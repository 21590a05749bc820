import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { requireService } from '@eds/tool-services/vitest'
import { AckPolicy, connect, DeliverPolicy, headers } from 'nats'
import { expect, it, onTestFinished } from 'vitest'
import { type EdsCall, runEds, startEds, temporaryFolder } from '../eds.js'
import { askHttp, credentials, eventText, figure, testDatabase, testStream } from '../world.js'

const nats = await requireService('nats')
const postgres = await requireService('postgres')

const noteFields = [
  { name: 'id', type: 'String', primary_key: true, optional: false },
  { name: 'body', type: 'String', optional: true },
  { name: 'at', type: 'DateTime', optional: true },
  { name: 'count', type: 'BigInt', optional: true },
]

/** The platform of that generation: a stream, and a service that answers for schemas. */
async function world({ companies = ['c1'] }: { companies?: string[] } = {}) {
  const stream = await testStream(nats.url)
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'my.creds'), credentials('srv1', companies))
  const connection = await connect({ servers: nats.url })
  onTestFinished(() => connection.close())
  // Several tests run at a time on one server: a table of its own for each.
  const table = `note_${stream.name}`
  const data = (modelVersion: string) => ({ name: 'Note', table, modelVersion, fields: noteFields })
  connection.subscribe(`schema.${table}.*`, {
    callback: (_, message) => {
      const version = message.subject.split('.').at(-1) ?? ''
      message.respond(JSON.stringify({ success: true, data: data(version === 'latest' ? 'v1' : version) }))
    },
  })
  await connection.flush()
  const publish = (n: number, company = 'c1') => {
    const text = eventText({ table, row: { id: `${company}-${n}`, body: `b${n}`, count: 12345 } })
    return stream.publishRaw(`${table}.INSERT.${company}.l1.PUBLIC.1`, text)
  }
  const common = ['--creds', 'my.creds', '--server', nats.url, '--stream', stream.name]
  return { stream, cwd, connection, table, publish, words: [...common, '--health-port', '0'] }
}

async function stopped(call: EdsCall): Promise<void> {
  call.stop()
  expect(await call.done).toBe(0)
}

nats.describe('the older command line', () => {
  it('goes on where the older server stopped, and leaves its consumer fit to go back', async () => {
    const { stream, cwd, connection, publish, words } = await world()
    const manager = await connection.jetstreamManager()
    const durable = 'Myeds-server-c1'
    await manager.consumers.add(stream.name, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      filter_subject: `${stream.name}.*.*.c1.*.PUBLIC.>`,
    })
    for (let n = 1; n <= 10; n++) await publish(n)
    const old = await connection.jetstream().consumers.get(stream.name, durable)
    for (let n = 1; n <= 4; n++) (await old.next())?.ack()
    await connection.flush()

    // No command's name, a URL as operand, and the port for health.
    const call = startEds([...words, '--consumer-prefix', 'My', `out=file://${cwd}/out`], { cwd })
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(6)
    expect((await askHttp(cwd, '/status/health')).status).toBe(200)
    await stopped(call)
    expect(call.stderr()).toMatch(/--health-port is deprecated/)
    expect(await stream.consumers()).toEqual([durable])

    await publish(11)
    const { config, ack_floor } = await manager.consumers.info(stream.name, durable)
    expect(config.ack_policy).toBe(AckPolicy.Explicit)
    expect(ack_floor.stream_seq).toBe(10)
    const next = await (await connection.jetstream().consumers.get(stream.name, durable)).next()
    expect(next?.seq).toBe(11)
  })

  postgres.describe('into PostgreSQL', () => {
    it('makes tables by the schemas that it asks for by NATS request', async () => {
      const { cwd, connection, stream, table, publish, words } = await world()
      const database = await testDatabase(postgres.url)
      await publish(1)
      const packed = headers()
      packed.set('content-encoding', 'gzip/json')
      const text = eventText({ table, row: { id: 'zipped', at: '2024-07-11T21:16:51.708587Z', count: 7 } })
      await connection
        .jetstream()
        .publish(`${stream.name}.${table}.INSERT.c1.l1.PUBLIC.1`, gzipSync(text), { headers: packed })
      const call = startEds([...words, '--consumer-start-time', '1h45m', database.url], { cwd })
      await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(2)
      await stopped(call)
      expect(await database.query(`SELECT id, count, at::text AS at FROM "${table}" ORDER BY id`)).toEqual([
        { id: 'c1-1', count: '12345', at: null },
        { id: 'zipped', count: '7', at: '2024-07-11 21:16:51.708587+00' },
      ])
    })

    it('leaves no connection behind that would keep the process alive', async () => {
      const { cwd, connection, publish, words } = await world()
      const database = await testDatabase(postgres.url)
      await publish(1)
      const call = startEds([...words, '--consumer-start-time', '1h', database.url], { cwd })
      const before = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
      await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(1)
      await stopped(call)
      await connection.flush()
      const count = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
      await expect.poll(count).toBeLessThanOrEqual(before)
    })

    it('imports the files of a folder into every destination, and ends', async () => {
      const { cwd, stream, table, words } = await world()
      const databases = [await testDatabase(postgres.url), await testDatabase(postgres.url)]
      mkdirSync(join(cwd, 'rows'))
      const rows = [1, 2, 3].map((n) => JSON.stringify({ id: `r${n}`, body: 'é', count: n }))
      writeFileSync(join(cwd, 'rows', `${table}.json.gz`), gzipSync(`${rows.join('\n')}\n`))
      for (let run = 0; run < 2; run++) {
        const urls = databases.map(({ url }, index) => `db${index}=${url}`)
        const result = await runEds(['server', ...words, '--importer', 'rows', ...urls], { cwd })
        expect(result, result.stderr).toMatchObject({ code: 0 })
      }
      for (const database of databases) expect(await database.count(table)).toBe(3)
      expect(await stream.consumers()).toEqual([])
    })
  })

  it('reads each company by a consumer of its own', async () => {
    const { cwd, stream, publish, words } = await world({ companies: ['c1', 'c2'] })
    for (let n = 1; n <= 5; n++) for (const company of ['c1', 'c2', 'c3']) await publish(n, company)
    const call = startEds([...words, '--consumer-start-time', '1h', `a=file://${cwd}/a`, `b=file://${cwd}/b`], { cwd })
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(20)
    await stopped(call)
    const shared = ['eds-server-c1', 'eds-server-c2']
    expect(await stream.consumers()).toEqual([...shared, 'edsd-b-c1', 'edsd-b-c2'].sort())
  })

  it('writes nothing and moves nothing in a dry run, and dumps what came', async () => {
    const { cwd, stream, publish, table, words } = await world()
    for (let n = 1; n <= 3; n++) await publish(n)
    const more = ['--consumer-start-time', '1h', '--dry-run', '--dump-dir', 'dump', '--trace-nats']
    const call = startEds([...words, ...more, `out=file://${cwd}/out`], { cwd })
    await expect.poll(() => figure(cwd, 'eds_total_events')).toBe(3)
    await stopped(call)
    expect(await stream.consumers()).toEqual([])
    expect(readdirSync(cwd)).not.toContain('out')
    expect(readdirSync(join(cwd, 'data')).filter((name) => name.startsWith('dry-run'))).toEqual([])
    const dumped = readdirSync(join(cwd, 'dump'))
    expect(dumped).toHaveLength(3)
    expect(dumped.every((name) => /^note_.*_\d{19}_e-\d+\.json$/.test(name))).toBe(true)
    expect(JSON.parse(readFileSync(join(cwd, 'dump', dumped[0] ?? ''), 'utf8'))).toMatchObject({ table })
    expect(call.stderr()).toMatch(/NATS request/)
    expect(call.stderr()).not.toMatch(/SU[A-Z2-7]{50}/)
  })

  it.each([
    [['--creds', 'no.creds', 'file:///tmp/x'], /cannot read the credentials .*no\.creds/],
    [['--creds', 'my.creds', '--consumer-start-time', '169h', 'file:///tmp/x'], /168h or less/],
    [['--creds', 'my.creds', '--consumer-prefix', 'a.b', 'file:///tmp/x'], /must consist of letters/],
    [
      ['server', '--dry-run', '--url', 'file:///tmp/x'],
      /--dry-run does not go with this: give the credentials by --creds/,
    ],
    [['--creds', 'my.creds', '--companyIds', 'c9', 'file:///tmp/x'], /do not allow the companies c9/],
    [['--creds', 'my.creds', '--importer', 'nowhere', 'file:///tmp/x'], /cannot read the folder .*nowhere/],
  ])('refuses %j', async (words, message) => {
    const { cwd } = await world()
    expect(await runEds(words, { cwd })).toMatchObject({ code: 3, stderr: expect.stringMatching(message) })
  })
})
