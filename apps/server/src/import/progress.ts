import { SingleBar } from 'cli-progress'
import type { Output } from '../command.js'

/** Shows how far an import has come: a bar on a terminal, a line per table elsewhere. */
export interface Progress {
  /** Bytes of the files that were read. */
  bytes(count: number): void
  rows(count: number): void
  /** A table is complete. */
  table(name: string, rows: number): void
  stop(): void
}

export function showProgress(output: Output, totalBytes: number): Progress {
  return output.isTTY === true ? bar(output, totalBytes) : lines(output)
}

function bar(output: Output, totalBytes: number): Progress {
  const format = '{bar} {percentage}% | {rows} rows | {tables} tables | {duration_formatted}'
  // The bar only writes; the type asks for a whole stream.
  const stream = output as unknown as NodeJS.WriteStream
  const display = new SingleBar({ format, stream, hideCursor: true, clearOnComplete: true, etaBuffer: 100 })
  let bytes = 0
  let rows = 0
  let tables = 0
  const update = () => display.update(Math.min(bytes, totalBytes), { rows: rows.toLocaleString('en'), tables })
  display.start(totalBytes, 0, { rows: '0', tables })
  return {
    bytes: (count) => {
      bytes += count
      update()
    },
    rows: (count) => {
      rows += count
      update()
    },
    table: () => {
      tables++
      update()
    },
    stop: () => display.stop(),
  }
}

function lines(output: Output): Progress {
  return {
    bytes() {},
    rows() {},
    table: (name, rows) => output.write(`${name}: ${rows.toLocaleString('en')} rows\n`),
    stop() {},
  }
}
