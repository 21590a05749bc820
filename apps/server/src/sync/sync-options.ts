import type { Option } from 'commander'
import { option, sourceOptions } from '../command-line/options.js'

export const syncOptions = (): Option[] => [
  option('--config <file>', 'configuration, JSON or YAML (default: $CONFIG)'),
  option(
    '--store <store>',
    'firestore, lmdb or nats: where events are kept (default: firestore where Google credentials and a project are at hand, else lmdb, in <data-dir>/state)',
  ),
  option('--sink <url>', 'where messages go, any destination (default: targetPubSub of the configuration)'),
  option('--legacy-dates', 'spell the first date FirstEventDate, as older versions of EventSync do'),
  option('--project <id>', 'Google Cloud project of the credentials (default: $PROJECT_ID, or that of the topic)'),
  option('--changes <source>', 'where change events come from: nats, or a file or folder (default: nats)'),
  ...sourceOptions(),
  option('--max-body-bytes <number>', 'refuse larger events (default: 1048576)'),
  option('--port <number>', 'HTTP port, 0 for any (default: $PORT or 8080)'),
  option('--host <address>', 'HTTP address (default: all)'),
  option('--print-schema', 'print the JSON Schema of the configuration, for editors, and end'),
]
