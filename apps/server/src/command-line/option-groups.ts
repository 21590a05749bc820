import type { Option } from 'commander'
import {
  configOption,
  databaseOptions,
  hqOptions,
  listed,
  olderOptions,
  option,
  plainOption,
  repeatable,
  schemaOptions,
  sourceOptions,
  urlOption,
} from './options.js'

export const serverOptions = (): Option[] => [
  configOption(),
  urlOption(),
  ...sourceOptions(),
  ...databaseOptions(),
  ...schemaOptions(),
  option('--start <place>', 'where a new sink begins: new, beginning, a time or a duration back (default: new)'),
  option('--from <place>', 'the same as --start').hideHelp(),
  option('--restart', 'start every sink from the beginning of the stream'),
  option('--on-error <action>', 'dead-letter or halt (default: dead-letter)'),
  option('--ack <policy>', 'acknowledge all (one message per batch) or explicit (every event)'),
  option('--maxAckPending <number>', 'most events that may wait for their acknowledgement (default: 25000)'),
  option('--maxPendingBuffer <number>', 'most events to pull at a time (default: 4096)'),
  option('--minPendingLatency <duration>', 'wait this long for a batch to fill (default: not at all)'),
  option('--maxPendingLatency <duration>', 'the same, when --minPendingLatency is not given'),
  option('--port <number>', 'HTTP port for health, metrics and control, 0 for any (default: $PORT or 8080)'),
  option('--health-port <number>', 'deprecated: --port').hideHelp(),
  option('--host <address>', 'HTTP address (default: 127.0.0.1, in a container 0.0.0.0)'),
  option('--keep-logs', 'keep all old log files'),
  ...hqOptions(),
  option('--eds-id <id>', "this server's id at HQ (default: server_id in config.toml)"),
  option('--renew-interval <duration>', 'begin a new session with HQ this often (default: 24h)'),
  plainOption('--no-restart', 'end when the worker crashes, instead of starting it again'),
  ...olderOptions(),
]

export const initOptions = (): Option[] => [
  option('--config <file>', 'the file to write (default: eds.config.yaml)'),
  repeatable('--url <url>', 'destination, also as name=url; may be repeated (default: ask)'),
  option('--source <url>', 'the changes come from this database, postgres://… or mysql://…'),
  repeatable('--server <urls>', 'the changes come from this NATS server'),
  option('--stream <name>', 'JetStream stream (default: dbchange)'),
  ...schemaOptions(),
  option('--start <place>', 'where the sinks begin: new, beginning, a time or a duration back (default: new)'),
]

export const checkOptions = (): Option[] => [configOption(), option('--json', 'as JSON')]

export const realtimeOptions = (): Option[] => [
  option(
    '--source <url>',
    'the database: postgres://… or mysql://… (default: $POSTGRES_DATABASE_URL, $MYSQL_DATABASE and so on)',
  ),
  option('--mode <mode>', 'auto, triggers, replication (PostgreSQL) or binlog (MySQL) (default: auto)'),
  listed('--tables <tables>', 'only these tables (default: $TABLE_NAMES)'),
  option('--routing <json>', 'who gets what: table → column, columns or "*" (default: $TABLE_AUTH_COLUMN_ROUTING)'),
  listed('--filters <columns>', 'table.column: never sent (default: $FILTERS)'),
  option('--auth-table <table>', 'where tokens are looked up (default: $AUTH_TABLE or auth)'),
  option('--auth-column <column>', 'its column with the token (default: $AUTH_COLUMN or token)'),
  option('--socketio <parameters>', 'more of what a socketio:// URL takes, such as adapter=redis&redisUrl=…'),
  option(
    '--security-token <token>',
    'what POST /publish asks for; $SECURITY_TOKEN is not seen by others on this machine',
  ),
  option('--default-source <name>', 'source of published events that name none (default: $DEFAULT_SOURCE or api)'),
  option('--allow-republishing', 'sockets may send events to their own user (default: $ALLOW_REPUBLISHING)'),
  option('--outbox-table <table>', 'MySQL: what triggers write to (default: $MYSQL_TABLE_TARGET or pub_events)'),
  option('--ssl-cert <file>', 'HTTPS with this certificate (default: $SSL_CERT when $USE_SSL is set)'),
  option('--ssl-key <file>', 'its key (default: $SSL_KEY)'),
  option('--development', 'accept the token TEST as user -1 (default: when $NODE_ENV is development)'),
  option('--remove-esink-triggers', 'remove the triggers that esink left in the database'),
  option('--port <number>', 'port of HTTP and sockets (default: $PORT or 80)'),
  option('--host <address>', 'address of HTTP and sockets (default: 0.0.0.0)'),
  repeatable('--url <url>', 'also deliver the changes there, as eds server does'),
  option('--start <place>', 'where a new --url begins: new or beginning, with the rows that are there (default: new)'),
  option('--restart', 'start every --url from the beginning'),
  option('--on-error <action>', 'dead-letter or halt (default: dead-letter)'),
]

export const sourceRemoveOptions = (): Option[] => [
  repeatable('--url <url>', 'the database: postgres://… or mysql://…'),
  option('--esink', 'remove the triggers of esink, too'),
]

export const enrollOptions = (): Option[] => [option('--api-url <url>', "HQ's address (default: as the code says)")]

export const importOptions = (): Option[] => [
  option('--dir <directory>', 'folder with exported files (default: ask HQ for an export)'),
  option('--job-id <id>', 'go on with an export that HQ was asked for before'),
  option('--timeOffset <time>', 'only rows changed since, such as 2024-07-01T12:00:00Z'),
  ...hqOptions(),
  urlOption(),
  ...schemaOptions(),
  listed('--only <tables>', 'only these tables'),
  listed('--companyIds <ids>', 'only rows of these companies'),
  listed('--locationIds <ids>', 'only rows of these locations'),
  option('--no-cleanup', 'keep the files that were downloaded'),
  option('--no-confirm', 'replace the tables without asking'),
  option('--no-delete', 'keep what the tables hold; imported rows win'),
  option('--dry-run', 'read everything, write nothing'),
  option('--schema-only', 'make the tables, import no rows'),
  option('--validate-only', 'test the destination, do nothing else'),
  option('--parallel <number>', 'tables at a time (default: 4)'),
  option('--single', 'write row by row: slow, names the row at fault'),
]

export const exportOptions = (): Option[] => [
  listed('--tables <tables>', 'only these tables'),
  option('-o, --output <file>', 'where the rows go (default: as HQ names the file)'),
  ...hqOptions(),
]

export const demoOptions = (): Option[] => [
  option('--events <number>', 'how many events (default: 20000)'),
  option('--rate <number>', 'events per second (default: as fast as it goes)'),
  repeatable('--url <url>', 'destination (default: files in <data-dir>/demo)'),
  option('--seed <number>', 'another seed makes other events (default: 1)'),
  option('--port <number>', 'serve health and metrics on this HTTP port (default: none)'),
]

export const publishOptions = (): Option[] => [
  ...sourceOptions().filter(({ long }) => long === '--server' || long === '--creds' || long === '--stream'),
  option('--create', 'make the stream if it is missing'),
  option('--rate <number>', 'events per second (default: as fast as it goes)'),
]

export const replayOptions = (): Option[] => [
  option('--from <place>', 'a time, a duration back (2h), a position, or beginning'),
  option('--sink <name>', 'which sink; needed when there are several'),
  option('--yes', 'do not ask'),
]

export const controlOptions = (): Option[] => [option('--sink <name>', 'pause and unpause only this sink')]

export const deadLetterListOptions = (): Option[] => [
  option('--sink <name>', 'only those of this sink'),
  option('--all', 'also those that are done with'),
  option('--json', 'as JSON lines, with the events'),
]

export const deadLetterOptions = (): Option[] => [
  option('--sink <name>', 'which sink; needed when there are several'),
  configOption(),
  urlOption(),
  ...schemaOptions(),
]

export const skipOptions = (): Option[] => [option('--all', 'give up all that are open'), ...deadLetterOptions()]
