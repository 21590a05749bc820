import type { Option, Command as Program } from 'commander'
import type { CommandIo } from '../command.js'
import type { LoadCommand } from '../program.js'
import { syncOptions } from '../sync/sync-options.js'
import { version } from '../version.js'
import * as groups from './option-groups.js'
import { commonOptions, option } from './options.js'

export interface CommandHost {
  readonly io: CommandIo
  /** Imports a command's module and runs it. */
  readonly call: (load: LoadCommand, called: Program) => Promise<void>
}

/** Declares what `eds` understands. Nothing is loaded or run. */
export function declareCommands(program: Program, host: CommandHost): void {
  withOptions(program, commonOptions())
    .description('EDS delivers database changes: in order, none lost, fast.')
    .version(version(), '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show help for a command')
  const define = (parent: Program, name: string, description: string, options: Option[], load: LoadCommand) =>
    withOptions(parent.command(name), [...options, ...commonOptions()])
      .description(description)
      .action(async function (this: Program) {
        await host.call(load, this)
      })

  declareServer(program, define)
  declareRealtime(program, define)
  declareSync(program, define)
  declareTools(program, define)
  declareOperations(program, define)
  declareReleases(program, define)
  program
    .command('worker', { hidden: true })
    .action((_options, called: Program) => host.call(() => import('../commands/worker.js'), called))
  program
    .command('version')
    .description('show the version')
    .action(() => {
      host.io.stdout.write(`${version()}\n`)
    })
}

type Define = (parent: Program, name: string, description: string, options: Option[], load: LoadCommand) => Program

function declareServer(program: Program, define: Define): void {
  const server = define(
    program,
    'server',
    'deliver changes until stopped',
    groups.serverOptions(),
    () => import('../commands/server.js'),
  )
  server.argument('[urls...]', 'more destinations').helpCommand(false)
  define(
    program,
    'enroll <code>',
    'register this server with HQ by the code that HQ shows',
    groups.enrollOptions(),
    () => import('../commands/enroll.js'),
  )
  define(server, 'help [driver]', 'list the drivers, or explain one', [], () => import('../commands/driver-help.js'))
  define(
    program,
    'init [urls...]',
    'write a configuration file, by asking',
    groups.initOptions(),
    () => import('../commands/init.js'),
  )
  define(
    program,
    'check',
    'check the configuration file, and every connection that it names',
    groups.checkOptions(),
    () => import('../commands/check.js'),
  )
  define(
    program,
    'import',
    'load exported rows into a destination',
    groups.importOptions(),
    () => import('../commands/import.js'),
  )
  define(
    program,
    'export',
    'download rows from HQ into a file (the older export)',
    groups.exportOptions(),
    () => import('../commands/export.js'),
  )
}

function declareSync(program: Program, define: Define): void {
  define(
    program,
    'sync',
    'when every endpoint has delivered, send one message: in place of EventSync',
    syncOptions(),
    () => import('../commands/sync.js'),
  )
}

function declareRealtime(program: Program, define: Define): void {
  define(
    program,
    'realtime',
    'changes of a database to browsers: in place of esink',
    groups.realtimeOptions(),
    () => import('../commands/realtime.js'),
  )
  const source = program.command('source').description('databases whose changes are captured').helpCommand(false)
  define(
    source,
    'remove',
    'take away what EDS has put into a database',
    groups.sourceRemoveOptions(),
    () => import('../commands/source-remove.js'),
  )
}

function declareTools(program: Program, define: Define): void {
  const driver = program.command('driver').description('what is installed').helpCommand(false)
  define(
    driver,
    'list',
    'list the installed drivers',
    [option('--json', 'as JSON')],
    () => import('../commands/driver-list.js'),
  )
  define(
    program,
    'demo',
    'see it work: a made-up repair shop, delivered into files or a URL',
    groups.demoOptions(),
    () => import('../commands/demo.js'),
  )
  define(
    program,
    'publish [files...]',
    'publish change events (NDJSON, - for standard input) to a stream',
    groups.publishOptions(),
    () => import('../commands/publish.js'),
  )
}

function declareReleases(program: Program, define: Define): void {
  define(
    program,
    'publickey',
    'show the key that releases are signed with',
    [],
    () => import('../commands/publickey.js'),
  )
  define(
    program,
    'download <version> <file>',
    'fetch the package of a version and verify it',
    [],
    () => import('../commands/download.js'),
  )
}

function declareOperations(program: Program, define: Define): void {
  define(
    program,
    'status',
    'show how each sink is doing',
    [option('--json', 'as JSON')],
    () => import('../commands/status.js'),
  )
  define(
    program,
    'replay',
    'deliver again from an earlier place',
    groups.replayOptions(),
    () => import('../commands/replay.js'),
  )
  define(
    program,
    'control <action>',
    'tell the running server: pause, unpause, restart, shutdown, logfile',
    groups.controlOptions(),
    () => import('../commands/control.js'),
  )
  const letters = program.command('dead-letter').description('events that could not be applied').helpCommand(false)
  define(letters, 'list', 'list them', groups.deadLetterListOptions(), () => import('../commands/dead-letter-list.js'))
  define(
    letters,
    'retry [ids...]',
    'apply them again; without IDs: all of them',
    groups.deadLetterOptions(),
    () => import('../commands/dead-letter-retry.js'),
  )
  define(
    letters,
    'skip [ids...]',
    'give them up for good: name IDs, or --all',
    groups.skipOptions(),
    () => import('../commands/dead-letter-skip.js'),
  )
}

function withOptions(program: Program, options: readonly Option[]): Program {
  for (const each of options) program.addOption(each)
  return program
}
