/**
 * Runs `task` on every item, at most `limit` at a time. After a failure no further task begins. Settles when none is running any
 * more; rejects with the first failure.
 */
export async function runLimited<T>(
  items: Iterable<T>,
  limit: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]()
  const failures: unknown[] = []
  const runLane = async (): Promise<void> => {
    while (failures.length === 0) {
      const { done, value } = queue.next()
      if (done) return
      await task(value).catch((error: unknown) => failures.push(error))
    }
  }
  await Promise.all(Array.from({ length: limit }, runLane))
  if (failures.length > 0) throw failures[0]
}
