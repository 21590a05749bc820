interface Sample {
  readonly at: number
  readonly total: number
}

const windowMs = 10_000

/** Events per second over the last ten seconds, from totals that are sampled now and then. */
export class RateMeter {
  readonly #samples = new Map<string, Sample[]>()

  /** `total`: events so far. */
  sample(name: string, total: number, now: number): void {
    const samples = this.#samples.get(name) ?? []
    samples.push({ at: now, total })
    while (samples.length > 2 && now - (samples[1]?.at ?? now) >= windowMs) samples.shift()
    this.#samples.set(name, samples)
  }

  get rates(): ReadonlyMap<string, number> {
    return new Map([...this.#samples].map(([name, samples]) => [name, rateOf(samples)]))
  }
}

function rateOf(samples: readonly Sample[]): number {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.at <= first.at) return 0
  return ((last.total - first.total) * 1_000) / (last.at - first.at)
}
