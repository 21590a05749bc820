import { relative } from 'node:path'
import { formatDuration } from '../duration.js'
import type { DemoSettings } from '../settings/demo.js'
import { count } from './demo-display.js'
import type { DemoResult } from './run-demo.js'

export interface SummaryFacts {
  readonly settings: DemoSettings
  /** Masked. */
  readonly destination: string
  readonly workingDirectory: string
}

/** What the demo did and what to try next, in a few lines. */
export function demoSummary({ status, seconds, p99Ms }: DemoResult, facts: SummaryFacts): string {
  const { settings, destination, workingDirectory } = facts
  const events = status?.totalEvents ?? 0
  const rate = events / Math.max(seconds, 0.001)
  const letters = status?.deadLetters ?? 0
  const folder = `./${relative(workingDirectory, settings.directory)}`
  return [
    `${count(events)} events of a made-up repair shop delivered in ${seconds.toFixed(1)} s: ${count(rate)} events/s, p99 ${formatDuration(p99Ms)}.`,
    ...(letters > 0 ? [`${count(letters)} more could not be applied: eds dead-letter list -d ${folder}/.eds`] : []),
    settings.intoFiles ? `Each table has a folder with its events in ${folder}` : `They are in ${destination}`,
    '',
    'Try next:',
    '  npx eds demo --rate 500                      a steady stream, to look at',
    '  npx eds demo --url postgres://user:password@localhost/database',
    '  npx eds server --server nats://localhost:4222 --url postgres://user:password@localhost/database',
    '  npx eds server help                          what else can be delivered to',
    '',
  ].join('\n')
}
