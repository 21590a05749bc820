/** Lets so many actions run at a time; the others wait for their turn, in the order of asking. */
export function slots(count: number): <T>(action: () => Promise<T>) => Promise<T> {
  let free = count
  const waiting: (() => void)[] = []
  return async (action) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await action()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
