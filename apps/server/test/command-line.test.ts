import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runEds, temporaryFolder } from './eds.js'

describe('a wrong command line ends with exit code 3 and one line with the fix', () => {
  it.each([
    [['servr'], "error: unknown command 'servr' (Did you mean server?)"],
    [['server', '--prot', '1'], "error: unknown option '--prot' (Did you mean --port?)"],
    [['server', '--port'], "error: option '--port <number>' argument missing"],
    [['server', '--port', '80a'], 'error: --port "80a" must be a whole number from 0 to 65535'],
    [
      ['server', '--minPendingLatency', '2'],
      'error: --minPendingLatency "2" must be a duration such as 250ms, 2s or 24h',
    ],
    [['server', '--on-error', 'ignore'], 'error: --on-error "ignore" must be dead-letter or halt'],
    [['server', '--ack', 'none'], 'error: --ack "none" must be all or explicit'],
    [['server', '--maxAckPending', '0'], 'error: --maxAckPending "0" must be a whole number, 1 or more'],
    [['server', '--log-format', 'xml'], 'error: --log-format "xml" must be human or json'],
    [['server', '--consumer-suffix', 'a.b'], 'error: --consumer-suffix "a.b" must consist of letters, digits, _ and -'],
    [['server'], 'error: no destination: give one with --url, for instance --url postgres://localhost/shop'],
    [['server', '--url', 'mongodb://localhost/shop'], /^error: no driver for "mongodb:\/\/": use /],
    [['server', '--url', 'shop'], 'error: the destination is not a URL: write it as scheme://host/path'],
    [
      ['server', '--url', 'file:///a', '--start', 'yesterday'],
      'error: --start "yesterday" is no place to start: write new, beginning, a time such as 2024-07-01T12:00:00Z, or a duration back such as 2h',
    ],
    [
      ['server', '--url', 'file:///a', '--start', 'new', '--restart'],
      'error: --restart begins at the beginning, so it cannot go with --start: leave one of them out',
    ],
    [['server', '--url', 'file:///tmp/x', '--schema-validator', 'no-rules'], /no-rules\/config\.json: cannot be read/],
    [
      ['server', '--url', 'file:///a', '--schema', 'ftp://h/x'],
      'error: --schema ftp://h/x is neither a file nor an http address',
    ],
    [['server', 'help', 'oracle'], /^error: there is no driver "oracle": installed are /],
    [
      ['import', '--url', 'file:///a'],
      'error: there is no API key to ask HQ for an export: give --api-key or enroll this server, or name a folder of exported files with --dir',
    ],
    [
      ['import', '--url', 'file:///a', '--dir', '/', '--dry-run', '--schema-only'],
      'error: --dry-run and --schema-only exclude each other: choose one',
    ],
    [['import', '--url', 'file:///a', '--url', 'file:///b'], 'error: an import has one destination: give --url once'],
    [['control'], "error: missing required argument 'action'"],
    [
      ['control', 'explode'],
      'error: there is no action "explode": choose one of pause, unpause, restart, shutdown, logfile',
    ],
    [['control', 'shutdown', '--sink', 'a'], 'error: --sink does not go with shutdown: leave it out'],
    [['replay'], 'error: --from is missing: give a time, a duration back such as 2h, a position, or beginning'],
    [['version', 'now'], "error: too many arguments for 'version'. Expected 0 arguments but got 1."],
  ])('%j', async (words, message) => {
    const { code, stdout, stderr } = await runEds(words, { cwd: temporaryFolder() })
    expect(stderr).toMatch(/^[^\n]+\n$/)
    expect(stderr.trimEnd()).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
    expect(stdout).toBe('')
    expect(code).toBe(3)
  })

  it('names the environment variable at fault', async () => {
    const { code, stderr } = await runEds(['server', '--url', 'file:///a'], { env: { PORT: 'http' } })
    expect(stderr).toBe(
      'error: the environment variable PORT is "http", which is no port: set a number, or use --port\n',
    )
    expect(code).toBe(3)
  })

  it('names the line of the configuration file at fault, without its content', async () => {
    const cwd = temporaryFolder()
    mkdirSync(join(cwd, 'data'))
    writeFileSync(join(cwd, 'data/config.toml'), 'keep_logs = true\ntoken = "top-secret\n')
    const { code, stderr } = await runEds(['server'], { cwd })
    expect(stderr).toMatch(/^error: .*config\.toml, line 2, column \d+ is not TOML: write keys as name = "value"\n$/)
    expect(stderr).not.toContain('top-secret')
    expect(code).toBe(3)
  })
})

describe('secrets in a command line are never repeated', () => {
  const password = 'k33p-0ut!'
  it.each([
    [['server', `--ulr=postgres://eds:${password}@db/shop`]],
    [['server', '--url', `mongodb://eds:${password}@db/shop`]],
    [['server', '--url', `postgres://eds:${password}@db:notaport/shop`]],
    [['server', '--port', `postgres://eds:${password}@db/shop`]],
    [['server', '--url', 'file:///a', '--start', `postgres://eds:${password}@db/shop`]],
    [['import', '--url', `postgres://eds:${password}@db/shop?sslmode=maybe`, '--dir', '/']],
    [['version', `postgres://eds:${password}@db/shop`]],
  ])('%j', async (words) => {
    const { code, stdout, stderr } = await runEds(words, { cwd: temporaryFolder() })
    expect(code).toBe(3)
    expect(stderr).not.toBe('')
    expect(stdout + stderr).not.toContain(password)
  })
})

describe('help and version', () => {
  it('shows help when nothing is asked', async () => {
    const { code, stdout, stderr } = await runEds([])
    expect(stdout).toContain('Usage: eds [options] [command]')
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  it.each([[['version']], [['--version']], [['-V']]])('shows the version by %j', async (words) => {
    expect(await runEds(words)).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' })
  })

  it.each(['server', 'import', 'demo', 'publish', 'status', 'replay', 'control', 'dead-letter', 'driver'])(
    'explains %s',
    async (name) => {
      const { code, stdout } = await runEds(['help', name])
      expect(stdout).toContain(`Usage: eds ${name}`)
      expect(code).toBe(0)
    },
  )
})
