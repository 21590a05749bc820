import type { TableSchema } from '@eds/core'
import { shopSchemas } from '@eds/shop'

/** Every version of every shop table, for small and for realistic rows. */
export const allShopSchemas: readonly TableSchema[] = [
  ...shopSchemas({ rowBytes: 'small' }).versions,
  ...shopSchemas({ rowBytes: 'realistic' }).versions,
]
