import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireService } from '@eds/tool-services/vitest'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'
import { runEds, startEds, temporaryFolder } from './eds.js'
import { eventText, figure, testDatabase, testStream } from './world.js'

const nats = await requireService('nats')
const postgres = await requireService('postgres')

const subject = 'note.INSERT.c.l.PUBLIC.1'

interface Letter {
  readonly id: string
  readonly status: string
  readonly reason: string
}

/** A server that has set aside an INSERT and an UPDATE behind it. */
async function world() {
  const stream = await testStream(nats.url)
  const database = await testDatabase(postgres.url)
  const cwd = temporaryFolder()
  const url = ['--url', `shop=${database.url}`]
  const source = ['--server', nats.url, '--stream', stream.name, '--start', 'beginning']
  const call = startEds(['server', ...source, '--port', '0', '--host', '127.0.0.1', ...url], { cwd })
  await stream.publishRaw(subject, eventText({ row: { id: 'a', size: 1, name: 'x' } }))
  await expect.poll(() => database.count('note')).toBe(1)
  await database.query('ALTER TABLE note ADD CONSTRAINT small CHECK (size < 10)')
  await stream.publishRaw(subject, eventText({ row: { id: 'b', size: 50, name: 'x' } }))
  await stream.publishRaw(subject, eventText({ operation: 'UPDATE', row: { id: 'b', name: 'y' } }))
  await expect.poll(() => figure(cwd, 'eds_sink_dead_letters{sink="shop"}')).toBe(2)
  return {
    database,
    cwd,
    url,
    settle: (...words: string[]) => runEds(['dead-letter', ...words], { cwd }),
    letters: async (): Promise<Letter[]> =>
      (await runEds(['dead-letter', 'list', '--all', '--json'], { cwd })).stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    stop: async () => {
      call.stop()
      expect(await call.done).toBe(0)
    },
  }
}

nats.describe('dead letters', () => {
  postgres.describe('in PostgreSQL', () => {
    it('are given up only when it is said which, and no part of a row without the rest is applied', async () => {
      const { database, settle, letters, stop } = await world()
      const [insert, update] = await letters()
      const vague = await settle('skip')
      expect(vague).toMatchObject({ code: 3, stdout: '' })
      expect(vague.stderr).toMatch(
        /^error: events that are skipped are given up for good: name them .* or say --all\n$/,
      )
      expect(await settle('skip', '--all', insert!.id)).toMatchObject({
        code: 3,
        stderr: 'error: IDs and --all do not go together: leave one out\n',
      })
      expect((await letters()).map(({ status }) => status)).toEqual(['open', 'parked'])

      expect(await settle('skip', insert!.id)).toEqual({
        code: 0,
        stdout: '0 applied, 0 failed again, 2 given up\n',
        stderr: `also given up, as each changes a part of a row that was given up whole: ${update!.id}\n`,
      })
      expect((await letters()).map(({ status }) => status)).toEqual(['skipped', 'skipped'])
      expect(await database.query('SELECT id FROM note')).toEqual([{ id: 'a' }])
      await stop()
    })

    it('that there are not are refused, with those that there are, and nothing else is done', async () => {
      const { database, cwd, url, settle, letters, stop } = await world()
      const [insert, update] = await letters()
      await database.query('ALTER TABLE note DROP CONSTRAINT small')
      const unknown = {
        code: 3,
        stdout: '',
        stderr: `error: there is no open or parked dead letter bogus: there is ${insert!.id}, ${update!.id}\n`,
      }
      expect(await settle('retry', insert!.id, 'bogus')).toEqual(unknown)
      expect(await settle('retry', '--sink', 'other')).toMatchObject({
        code: 3,
        stderr: 'error: there is no sink "other": there is shop\n',
      })
      await stop()
      expect(await settle('retry', insert!.id, 'bogus', ...url)).toEqual(unknown)
      for (const words of [['retry'], ['retry', insert!.id], ['skip', '--all']]) {
        expect(await settle(...words, '--url', `file://${cwd}/out`)).toMatchObject({
          code: 3,
          stdout: '',
          stderr: expect.stringMatching(
            /no dead letters of a sink file-\S+ in this data directory: there are some of the sink shop: .* --url shop=/,
          ),
        })
      }
      expect(await settle('retry', ...url)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 applied, 0 f/) })
      expect(await database.query(`SELECT size::text, name FROM note WHERE id = 'b'`)).toEqual([
        { size: '50', name: 'y' },
      ])
    })

    it('that fail again say why, now and in the list', async () => {
      const { database, url, settle, letters, stop } = await world()
      const [insert, update] = await letters()
      expect(insert!.reason).toContain('small')
      await database.query(
        'ALTER TABLE note DROP CONSTRAINT small, ADD CONSTRAINT short CHECK (length(name) < 1) NOT VALID',
      )
      const again = await settle('retry')
      expect(again).toMatchObject({ code: 1, stdout: '0 applied, 2 failed again, 0 given up\n' })
      const [first = '', second] = again.stderr.split('\n')
      expect(first).toMatch(new RegExp(`^${insert!.id}: .*short`))
      expect(second).toBe(`${update!.id}: waits behind the dead letter ${insert!.id} of the same row`)
      expect((await letters())[0]!.reason).toContain('short')
      await stop()
      await database.query('ALTER TABLE note DROP CONSTRAINT short, ADD CONSTRAINT tiny CHECK (size < 5)')
      expect((await settle('retry', ...url)).stderr).toMatch(new RegExp(`^${insert!.id}: .*tiny`))
      expect((await settle('list')).stdout).toMatch(/ open since \S+, tried again \S+: note: .*tiny/)
    })

    it('of a renamed table are applied to a destination that the command line names', async () => {
      const stream = await testStream(nats.url)
      const database = await testDatabase(postgres.url)
      const cwd = temporaryFolder()
      const source = { type: 'nats', servers: nats.url, stream: stream.name }
      const sinks = [{ name: 'shop', url: database.url, transforms: [{ table: 'person', rename: 'people' }] }]
      writeFileSync(join(cwd, 'eds.config.yaml'), stringify({ source, start: 'beginning', sinks }))
      const properties = { id: { type: 'string' }, age: { type: 'integer' } }
      const person = { table: 'person', modelVersion: 'v1', primaryKeys: ['id'], required: ['id'], properties }
      writeFileSync(join(cwd, 'schemas.json'), JSON.stringify([person]))
      await database.query('CREATE TABLE people (id text PRIMARY KEY, age integer CHECK (age < 10))')
      const schema = ['--schema', 'schemas.json']
      const call = startEds(['server', '--port', '0', '--host', '127.0.0.1', ...schema], { cwd })
      await stream.publishRaw('person.INSERT', eventText({ table: 'person', row: { id: 'p', age: 41 } }))
      await expect.poll(() => figure(cwd, 'eds_sink_dead_letters{sink="shop"}')).toBe(1)
      call.stop()
      expect(await call.done).toBe(0)
      await database.query('ALTER TABLE people DROP CONSTRAINT people_age_check')
      expect(await runEds(['dead-letter', 'retry', '--url', `shop=${database.url}`, ...schema], { cwd })).toEqual({
        code: 0,
        stdout: '1 applied, 0 failed again, 0 given up\n',
        stderr: '',
      })
      expect(await database.query('SELECT id FROM people')).toEqual([{ id: 'p' }])
    })
  })
})
