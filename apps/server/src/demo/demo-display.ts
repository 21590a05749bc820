import type { Output } from '../command.js'
import { formatDuration } from '../duration.js'

export interface DemoFigures {
  readonly events: number
  readonly total: number
  readonly eventsPerSecond: number
  /** Events generated and not yet durable. */
  readonly lagEvents: number
  readonly p99Ms: number
}

export interface DemoDisplay {
  /** How often {@link show} wants to be called, milliseconds. */
  readonly intervalMs: number
  show(figures: DemoFigures): void
  /** Ends the line that is shown. */
  end(): void
}

/** One line that changes in place on a terminal, a new line now and then elsewhere. */
export function demoDisplay(output: Output): DemoDisplay {
  if (output.isTTY !== true) {
    return { intervalMs: 2_000, show: (figures) => void output.write(`${demoLine(figures)}\n`), end() {} }
  }
  return {
    intervalMs: 100,
    show: (figures) => void output.write(`\r${demoLine(figures).slice(0, (output.columns || 80) - 1)}\u001b[K`),
    end: () => void output.write('\r\u001b[K'),
  }
}

export function demoLine({ events, total, eventsPerSecond, lagEvents, p99Ms }: DemoFigures): string {
  const done = `${count(events)} of ${count(total)} events`
  return `${done}  ${count(eventsPerSecond)} events/s  lag ${count(lagEvents)}  p99 ${formatDuration(p99Ms)}`
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}
