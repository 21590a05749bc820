/** One line of a benchmark's outcome. */
export interface BenchRow {
  readonly bench: string
  readonly metric: string
  readonly value: number
  readonly unit: string
  /** Lowest and highest round. */
  readonly spread?: readonly [low: number, high: number]
  /** What the fastest possible way gave in the same run. */
  readonly limit?: number
  /** What the plain way gave in the same run. */
  readonly naive?: number
  readonly ratioToLimit?: number
  readonly ratioToNaive?: number
}

export interface Comparison {
  readonly limit?: number
  readonly naive?: number
}

/** A row from one value per round: the median with its spread, beside what it is compared with. */
export function row(
  bench: string,
  metric: string,
  unit: string,
  rounds: readonly number[],
  comparison: Comparison = {},
): BenchRow {
  const value = median(rounds)
  const { limit, naive } = comparison
  return {
    bench,
    metric,
    value: round(value),
    unit,
    spread: [round(Math.min(...rounds)), round(Math.max(...rounds))],
    ...(limit !== undefined && { limit: round(limit), ratioToLimit: round(value / limit) }),
    ...(naive !== undefined && { naive: round(naive), ratioToNaive: round(value / naive) }),
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** The value below which `share` (0 to 1) of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** For people. */
export function formatRow({ metric, value, unit, spread, limit, naive, ratioToLimit, ratioToNaive }: BenchRow): string {
  const range = spread && spread[0] !== spread[1] ? ` [${number(spread[0])}–${number(spread[1])}]` : ''
  const toLimit = limit === undefined ? '' : `  ${ratioToLimit}× of the limit (${number(limit)})`
  const toNaive = naive === undefined ? '' : `  ${ratioToNaive}× the plain way (${number(naive)})`
  return `  ${metric.padEnd(44)} ${number(value).padStart(10)} ${unit}${range}${toLimit}${toNaive}`
}

function number(value: number): string {
  return value >= 1000 ? value.toLocaleString('en-US', { maximumFractionDigits: 0 }) : String(value)
}

function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
