import type { ChangeEvent } from '@eds/core'
import type { FilterConfig } from './schema.js'

/** Whether a name fits a pattern, in which `*` stands for any characters. */
export function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return pattern === name
  const last = rest.pop() ?? ''
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false
  let from = first.length
  const end = name.length - last.length
  return rest.every((part) => {
    const found = name.indexOf(part, from)
    from = found + part.length
    return found >= 0 && from <= end
  })
}

/** Whether a table passes all of these filters. */
export function passesTable(filters: readonly FilterConfig[], table: string): boolean {
  return filters.every(({ tables: { include, exclude } = {} }) => {
    if (include && !include.some((pattern) => matches(pattern, table))) return false
    return !exclude?.some((pattern) => matches(pattern, table))
  })
}

/** Decides which events pass all of these filters; the tables are looked at once each. */
export function eventFilter(filters: readonly FilterConfig[]): (event: ChangeEvent) => boolean {
  const tables = new Map<string, boolean>()
  const companies = filters.flatMap((filter) => (filter.companies ? [new Set(filter.companies)] : []))
  return ({ table, companyId }) => {
    let passes = tables.get(table)
    if (passes === undefined) {
      passes = passesTable(filters, table)
      tables.set(table, passes)
    }
    return passes && companies.every((wanted) => companyId !== undefined && wanted.has(companyId))
  }
}
