import { SingleBar } from 'cli-progress'
import type { Output } from '../../command.js'

/** Shows how much of a file has come: a bar on a terminal, nothing elsewhere. */
export interface Transfer {
  readonly show: (bytes: number, size: number | undefined) => void
  readonly stop: () => void
}

const megabyte = 1e6

export function showTransfer(output: Output): Transfer {
  if (output.isTTY !== true) return { show: () => {}, stop: () => {} }
  const format = '{bar} {percentage}% | {megabytes} MB | {eta_formatted} left'
  // The bar only writes; the type asks for a whole stream.
  const stream = output as unknown as NodeJS.WriteStream
  const bar = new SingleBar({ format, stream, hideCursor: true, clearOnComplete: true })
  let isShown = false
  return {
    show: (bytes, size = 0) => {
      const megabytes = (bytes / megabyte).toFixed(1)
      if (isShown) bar.update(bytes, { megabytes })
      else bar.start(size, bytes, { megabytes })
      isShown = true
    },
    stop: () => {
      if (isShown) bar.stop()
    },
  }
}
