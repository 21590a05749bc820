import { type ChangeEvent, type Driver, parseSinkUrl, type TableSchema } from '@eds/core'
import { afterEach } from 'vitest'
import s3 from '../src/index.js'
import { context, never } from './fixtures.js'

const drivers: Driver[] = []

afterEach(async () => {
  for (const driver of drivers.splice(0)) await driver.close()
})

/** A connected driver with these schemas prepared; closed after the test. */
export async function connected(url: string, ...schemas: readonly TableSchema[]): Promise<Driver> {
  const driver = s3.create(parseSinkUrl(s3, url), context())
  drivers.push(driver)
  await driver.connect(never)
  await driver.schema?.prepare(schemas, never)
  return driver
}

/** A batch of these events that covers given positions. */
export function cut(first: string, last: string, events: readonly ChangeEvent[]) {
  return { events, bytes: events.reduce((sum, { bytes }) => sum + bytes.length, 0), first, last }
}
