import { MultiBar, type SingleBar } from 'cli-progress'
import type { Output } from '../command.js'

/** Shows how far an import has come: on a terminal a bar for each table that is being loaded, elsewhere a line per table. */
export interface Progress {
  /** A table is about to be loaded; how large its files are. */
  begin(table: string, totalBytes: number): void
  /** Bytes of the table's files that were read. */
  bytes(count: number, table?: string): void
  rows(count: number, table?: string): void
  /** A table is complete. */
  table(name: string, rows: number): void
  stop(): void
}

/** `totalBytes`: of what has no bar of its own. */
export function showProgress(output: Output, totalBytes = 0): Progress {
  return output.isTTY === true ? bars(output, totalBytes) : lines(output)
}

interface TableBar {
  readonly bar: SingleBar
  readonly startedAt: number
  bytes: number
  rows: number
}

const format = '{bar} {percentage}% | {table} | {rows} rows | {rate} rows/s | {eta_formatted} left'

function bars(output: Output, otherBytes: number): Progress {
  // The bars only write; the type asks for a whole stream.
  const stream = output as unknown as NodeJS.WriteStream
  const all = new MultiBar({ format, stream, hideCursor: true, clearOnComplete: true, etaBuffer: 100 })
  const shown = new Map<string, TableBar>()
  const barOf = (table: string, totalBytes = otherBytes): TableBar => {
    const known = shown.get(table)
    if (known) return known
    const bar = all.create(totalBytes, 0, { table, rows: '0', rate: '0' })
    const made = { bar, startedAt: performance.now(), bytes: 0, rows: 0 }
    shown.set(table, made)
    return made
  }
  const update = ({ bar, bytes, rows, startedAt }: TableBar) => {
    const rate = rowsPerSecond(rows, performance.now() - startedAt)
    bar.update(Math.min(bytes, bar.getTotal()), { rows: rows.toLocaleString('en'), rate: rate.toLocaleString('en') })
  }
  return {
    begin: (table, bytes) => void barOf(table, bytes),
    bytes: (count, table = '') => {
      const bar = barOf(table)
      bar.bytes += count
      update(bar)
    },
    rows: (count, table = '') => {
      const bar = barOf(table)
      bar.rows += count
      update(bar)
    },
    table: (name, rows) => {
      const { bar, startedAt } = barOf(name)
      all.log(tableLine(name, rows, performance.now() - startedAt))
      all.remove(bar)
      shown.delete(name)
    },
    stop: () => all.stop(),
  }
}

function lines(output: Output): Progress {
  const startedAt = new Map<string, number>()
  return {
    begin: (table) => void startedAt.set(table, performance.now()),
    bytes() {},
    rows() {},
    table: (name, rows) => {
      const start = startedAt.get(name)
      output.write(tableLine(name, rows, start === undefined ? undefined : performance.now() - start))
    },
    stop() {},
  }
}

function tableLine(name: string, rows: number, elapsedMs: number | undefined): string {
  const count = `${name}: ${rows.toLocaleString('en')} rows`
  return elapsedMs === undefined
    ? `${count}\n`
    : `${count}, ${rowsPerSecond(rows, elapsedMs).toLocaleString('en')} rows/s\n`
}

function rowsPerSecond(rows: number, elapsedMs: number): number {
  return Math.round((rows * 1_000) / Math.max(elapsedMs, 1))
}
