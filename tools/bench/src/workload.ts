import { type ShopEvent, shopEvents } from '@eds/shop'

/** What every benchmark delivers: events of about 1 KB over all tables, three inserts to two changes of recent rows. */
export function benchEvents(count: number): Iterable<ShopEvent> {
  return shopEvents({ seed: 1, events: count, rowBytes: 'small', mix: { insert: 60, update: 30, delete: 10 } })
}
