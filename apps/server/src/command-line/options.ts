import { Option } from 'commander'

/** An option that may be given several times: `--url A --url B`. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: readonly string[] = []) => [...before, value])
}

/** An option that takes several values, separated by commas or each with its own flag. */
export function listed(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: readonly string[] = []) => [
    ...before,
    ...value.split(',').map((item) => item.trim()),
  ])
}

export function option(flags: string, description: string): Option {
  return new Option(flags, description)
}

/** `--no-something` that is no opposite of `--something`: its value is found under `noSomething`. */
export function plainOption(flags: string, description: string): Option {
  return new PlainOption(flags, description)
}

class PlainOption extends Option {
  override negate = false

  override attributeName(): string {
    return this.name().replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  }
}

/** How to reach HQ. */
export const hqOptions = (): Option[] => [
  option('--api-key <key>', 'API key for HQ (default: $SM_APIKEY, or token in config.toml)'),
  option('--api-url <url>', "HQ's address (default: as the API key says)"),
]

/** What the older generation of the EDS server understands besides; they go with `--creds`. */
export const olderOptions = (): Option[] => [
  option('--consumer-prefix <prefix>', 'with --creds: begin the names of the consumers with this'),
  option('--consumer-start-time <duration>', 'with --creds: how far back a new consumer begins, 168h at most'),
  option('--dump-dir <directory>', 'with --creds: write each message into this folder, too'),
  option('--dry-run', 'with --creds: read, and write nothing'),
  option('--importer <directory>', 'with --creds: load the files <table>.json.gz of this folder, and end'),
  option('--trace-nats', 'log what is asked of NATS'),
]

/** Taken by every command, before or after its name. Defaults are applied where the options are read. */
export const commonOptions = (): Option[] => [
  option('-d, --data-dir <directory>', 'where state, dead letters and logs are kept (default: ./data)'),
  option('-v, --verbose', 'show more of what happens'),
  option('-s, --silent', 'log nothing'),
  option('-t, --timestamp', 'begin each log line with the time'),
  option('--log-format <format>', 'human or json (default: human)'),
  option('--log-label <label>', 'begin each log line with this label'),
  option('--log-file-sink <file>', 'write logs to this file too, as JSON; a relative one is in <data-dir>/logs'),
  option('--schema-validator <directory>', 'deliver only events that the rules in this folder find valid'),
]

/** Where the change events come from. */
export const sourceOptions = (): Option[] => [
  repeatable('--server <urls>', 'NATS servers, separated by commas (default: nats://localhost:4222)'),
  option('--creds <file>', 'NATS credentials'),
  option('--stream <name>', 'JetStream stream (default: dbchange)'),
  listed('--companyIds <ids>', 'only events of these companies'),
  option('--consumer-suffix <suffix>', 'names the consumer eds-<server id>-<suffix>'),
]

/** A database in the place of a stream. */
export const databaseOptions = (): Option[] => [
  option('--source <url>', 'deliver the changes of a database, postgres://… or mysql://…, instead of a stream'),
  option('--mode <mode>', 'with --source: auto, triggers, replication (PostgreSQL) or binlog (MySQL)'),
  listed('--tables <tables>', 'with --source: only these tables (default: all with a primary key)'),
]

/** For commands that take a configuration file. */
export const configOption = (): Option =>
  option('--config <file>', 'configuration file (default: eds.config.yaml, .json or .ts in this folder)')

export const schemaOptions = (): Option[] => [
  option('--schema <file|url>', 'table schemas: a JSON file, or an address that serves /v3/schema (default: inferred)'),
]

export const urlOption = (): Option =>
  repeatable(
    '--url <url>',
    'destination, also as name=url; several give independent sinks (default: url in config.toml)',
  )
