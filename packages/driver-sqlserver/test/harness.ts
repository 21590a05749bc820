import type { TableSchema } from '@eds/core'
import { DriverHarness, type HarnessOptions } from '@eds/testkit'
import sqlserver from '../src/index.js'

export { rejection } from '@eds/testkit'

/** The driver on a database, used as the pipeline uses it. Closed by {@link Harness.close}. */
export class Harness extends DriverHarness {
  constructor(url: string, options?: HarnessOptions) {
    super(sqlserver, url, options)
  }

  /** Connected, with these schemas prepared. */
  static open(url: string, schemas?: readonly TableSchema[], options?: HarnessOptions): Promise<Harness> {
    return new Harness(url, options).opened(schemas)
  }
}
