import type { Index, Order, StructuredQuery } from './protocol.js'
import { fieldFilters } from './query.js'
import { Refusal } from './refusal.js'

/** The composite indexes of a database, by collection. */
export class Indexes {
  readonly #indexes = new Map<string, string[]>()

  /** What the indexes of a collection look like: `EventKey ASCENDING, Datetime ASCENDING`. */
  of(collection: string): readonly string[] {
    return this.#indexes.get(collection) ?? []
  }

  /** @throws Refusal `ALREADY_EXISTS` */
  create(collection: string, { fields = [] }: Index): void {
    const text = fields.map(({ fieldPath, order }) => `${fieldPath} ${order}`).join(', ')
    const known = this.of(collection)
    if (known.includes(text)) throw new Refusal('ALREADY_EXISTS', 'index already exists')
    this.#indexes.set(collection, [...known, text])
  }

  /**
   * Single fields need no index, and comparisons of equality are joined; all else does.
   *
   * @throws Refusal `FAILED_PRECONDITION` when the query needs one that is not there.
   */
  check(query: StructuredQuery): void {
    const filters = fieldFilters(query.where)
    const equal = filters.filter(({ op }) => op === 'EQUAL').map(({ field }) => field?.fieldPath ?? '')
    const ranged = filters.filter(({ op }) => op !== 'EQUAL').map(({ field }) => field?.fieldPath ?? '')
    const sorted = (query.orderBy ?? []).map(orderText).filter((text) => !text.startsWith('__name__'))
    const further = sorted.length > 0 ? sorted : [...new Set(ranged)].map((path) => `${path} ASCENDING`)
    if (further.length === 0 || (equal.length === 0 && further.length === 1)) return
    const collection = query.from?.[0]?.collectionId ?? ''
    const fits = this.of(collection).some((index) => {
      const parts = index.split(', ')
      const first = parts.slice(0, equal.length).map((part) => part.split(' ')[0])
      return equal.every((path) => first.includes(path)) && parts.slice(equal.length).join() === further.join()
    })
    if (!fits) throw new Refusal('FAILED_PRECONDITION', 'The query requires an index. Create it in the console.')
  }
}

function orderText({ field, direction = 'ASCENDING' }: Order): string {
  return `${field?.fieldPath} ${direction}`
}
