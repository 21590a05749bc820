interface Watcher {
  check(): void
}

/** Wakes those who wait when something happened. */
export class Watch {
  readonly #watchers = new Set<Watcher>()

  /** Something happened. */
  changed(): void {
    for (const watcher of this.#watchers) watcher.check()
  }

  /** See `HqSim.waitFor`; `describe` tells what was seen when the time is over. */
  waitFor<Found>(
    what: string,
    find: () => Found | undefined | false,
    timeoutMs: number,
    describe: () => string,
  ): Promise<Found> {
    return new Promise<Found>((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer)
        this.#watchers.delete(watcher)
        act()
      }
      const check = () => {
        try {
          const found = find()
          if (found !== undefined && found !== false) settle(() => resolve(found))
        } catch (error) {
          settle(() => reject(error))
        }
      }
      const watcher = { check }
      const late = () => new Error(`no ${what} within ${timeoutMs} ms; seen:\n${describe()}`)
      const timer = setTimeout(() => settle(() => reject(late())), timeoutMs)
      this.#watchers.add(watcher)
      check()
    })
  }
}
