import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLogger, type LogSettings } from '../../src/logging/create-logger.js'
import { LogFile } from '../../src/logging/log-file.js'
import { Redactor } from '../../src/redactor.js'
import { temporaryFolder } from '../eds.js'

const settings: LogSettings = { level: 'info', format: 'human', timestamps: false, colors: true, keepFiles: false }

function collect() {
  const lines: string[] = []
  return { lines, output: { write: (text: unknown) => lines.push(String(text)) > 0 } }
}

describe('createLogger', () => {
  it('masks secrets in messages and fields, whatever the format', () => {
    const redactor = new Redactor()
    redactor.add(['okapi-77'])
    for (const format of ['human', 'json'] as const) {
      const { lines, output } = collect()
      const logger = createLogger({ ...settings, format }, output, redactor)
      logger.warn({ url: 'nats://eds:secret@host:4222', deep: { list: ['okapi-77'] } }, 'password okapi-77 refused')
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain('password *** refused')
      expect(lines[0]).toContain('nats://eds:***@host:4222')
      expect(lines[0]).not.toMatch(/secret|okapi/)
    }
  })

  it('writes JSON lines with level, time and label', () => {
    const { lines, output } = collect()
    createLogger({ ...settings, format: 'json', label: 'blue' }, output, new Redactor()).info({ sink: 'a' }, 'hello')
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: expect.any(Number),
      label: 'blue',
      sink: 'a',
      msg: 'hello',
    })
  })

  it.each([
    ['silent', []],
    ['info', ['info', 'warn']],
    ['debug', ['debug', 'info', 'warn']],
  ] as const)('at level %s shows %j', (level, shown) => {
    const { lines, output } = collect()
    const logger = createLogger({ ...settings, level, format: 'json' }, output, new Redactor())
    logger.debug({}, 'd')
    logger.info({}, 'i')
    logger.warn({}, 'w')
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(shown)
  })

  it('takes over lines of a child process, masked, by their level', () => {
    const redactor = new Redactor()
    redactor.add(['okapi-77'])
    const { lines, output } = collect()
    const logger = createLogger({ ...settings, format: 'json' }, output, redactor)
    logger.adopt('{"level":"info","time":7,"sink":"a","msg":"password okapi-77"}')
    logger.adopt('{"level":"debug","time":8,"msg":"hidden"}')
    logger.adopt('{"level":"loud","msg":"no record"}')
    logger.adopt('TypeError: okapi-77 is no function')
    logger.adopt('')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'info', time: 7, sink: 'a', msg: 'password ***' },
      { level: 'error', time: expect.any(Number), msg: '{"level":"loud","msg":"no record"}' },
      { level: 'error', time: expect.any(Number), msg: 'TypeError: *** is no function' },
    ])
  })

  it('writes into the file what the terminal need not show', () => {
    const file = join(temporaryFolder(), 'eds.log')
    const { lines, output } = collect()
    const logger = createLogger({ ...settings, level: 'silent', file, fileLevel: 'info' }, output, new Redactor())
    logger.info({}, 'seen')
    logger.debug({}, 'unseen')
    logger.close()
    expect(lines).toEqual([])
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ msg: 'seen' })
  })

  it.each([
    [true, true, '\u001b[32mINFO \u001b[39m hello\n'],
    [true, false, 'INFO  hello\n'],
    [false, true, 'INFO  hello\n'],
  ])('uses colors where they are wanted (%s) and can be seen (%s)', (colors, isTTY, line) => {
    const { lines, output } = collect()
    createLogger({ ...settings, colors }, { ...output, isTTY }, new Redactor()).info({}, 'hello')
    expect(lines).toEqual([line])
  })

  it('writes to a file too, as JSON, for its owner only', () => {
    const file = join(temporaryFolder(), 'logs/eds.log')
    const { lines, output } = collect()
    const logger = createLogger({ ...settings, file }, output, new Redactor())
    logger.info({}, 'hello')
    logger.close()
    expect(lines).toEqual(['INFO  hello\n'])
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ msg: 'hello' })
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})

describe('LogFile', () => {
  const name = /^eds-\d{8}T\d{6}\.\d{3}Z(-\d+)?\.log$/

  it('begins a new file on each start and keeps the newest five old ones', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'eds.log')
    for (let run = 0; run < 8; run++) {
      const log = LogFile.open(file, { keepAll: false, now: () => new Date(1_700_000_000_000 + run * 1_000) })
      log.write(`run ${run}\n`)
      log.close()
    }
    const old = readdirSync(folder).filter((entry) => name.test(entry))
    expect(old.map((entry) => readFileSync(join(folder, entry), 'utf8'))).toEqual(
      [2, 3, 4, 5, 6].map((run) => `run ${run}\n`),
    )
    expect(readFileSync(file, 'utf8')).toBe('run 7\n')
  })

  it('keeps all when told, also of one instant', () => {
    const folder = temporaryFolder()
    const log = LogFile.open(join(folder, 'eds.log'), { keepAll: true, now: () => new Date(0) })
    const rotated = Array.from({ length: 12 }, (_, index) => {
      log.write(`${index}\n`)
      return log.rotate()
    })
    log.close()
    expect(rotated.map((path) => readFileSync(path, 'utf8'))).toEqual(rotated.map((_, index) => `${index}\n`))
  })

  it('rotates by size', () => {
    const folder = temporaryFolder()
    const log = LogFile.open(join(folder, 'eds.log'), { keepAll: true, maxBytes: 10 })
    for (let index = 0; index < 4; index++) log.write('12345\n')
    log.close()
    expect(readdirSync(folder).filter((entry) => name.test(entry))).toHaveLength(2)
  })

  it('leaves other files in the folder alone', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'eds-2notes'))
    const log = LogFile.open(join(folder, 'eds.log'), { keepAll: false })
    for (let index = 0; index < 9; index++) log.rotate()
    log.close()
    expect(existsSync(join(folder, 'eds-2notes'))).toBe(true)
  })
})
