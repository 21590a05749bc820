import { abortedError } from './errors.js'

/**
 * Runs `task` on every item, at most `limit` at a time; each runs in a lane, a number below `limit` that no other task has at that
 * time. After a failure or a stop no further task begins.
 * Settles when none is running any more; rejects with the first failure.
 */
export async function runLimited<T>(
  items: Iterable<T>,
  limit: number,
  isStopped: () => boolean,
  task: (item: T, lane: number) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]()
  const failures: unknown[] = []
  const runLane = async (lane: number): Promise<void> => {
    while (failures.length === 0) {
      const { done, value } = queue.next()
      if (done) return
      if (isStopped()) failures.push(abortedError())
      else await task(value, lane).catch((error: unknown) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: limit }, (_, lane) => runLane(lane)))
  if (failures.length > 0) throw failures[0]
}
