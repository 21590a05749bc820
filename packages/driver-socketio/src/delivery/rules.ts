/** Table → column, columns, or `*` for everyone. */
export type Routing = Readonly<Record<string, string | readonly string[]>>

/** What {@link Routing} and filters say about one table. */
export interface TableRules {
  /** Columns that hold the ids of those who get a change; empty: nobody gets it. */
  readonly columns: readonly string[]
  readonly everyone: boolean
  /** Columns that are never sent. */
  readonly hidden: ReadonlySet<string>
}

const nobody: TableRules = { columns: [], everyone: false, hidden: new Set() }

/** JSON text → routing. Throws `Error` with what is wrong, for people. */
export function parseRouting(text: string): Record<string, string | string[]> {
  if (text.trim() === '') return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Error('must be JSON such as {"orders": "userId", "news": "*"}')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('must be a JSON object')
  const wrong = Object.entries(value).flatMap(([table, rule]) => (isRule(rule) ? [] : [`"${table}"`]))
  if (wrong.length > 0) throw new Error(`table ${wrong.join(', ')} must have a column, a list of columns or "*"`)
  return value as Record<string, string | string[]>
}

function isRule(rule: unknown): boolean {
  const columns = Array.isArray(rule) ? rule : [rule]
  return columns.length > 0 && columns.every((column) => typeof column === 'string' && column !== '')
}

/** `table.column, …` → its items. Throws `Error` with what is wrong, for people. */
export function parseFilters(text: string): string[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
  const wrong = items.filter((item) => !/^.+\..+$/.test(item)).map((item) => `"${item}"`)
  if (wrong.length > 0) throw new Error(`${wrong.join(', ')} must be table.column`)
  return items
}

/** The rules of each table that has any. Other tables go to nobody: see {@link rulesOf}. */
export function compileRules(routing: Routing, filters: readonly string[]): ReadonlyMap<string, TableRules> {
  const hidden = new Map<string, Set<string>>()
  for (const filter of filters) {
    const dot = filter.lastIndexOf('.')
    const table = filter.slice(0, dot)
    hidden.set(table, (hidden.get(table) ?? new Set()).add(filter.slice(dot + 1)))
  }
  const compiled = new Map<string, TableRules>()
  for (const table of new Set([...Object.keys(routing), ...hidden.keys()])) {
    const rule = Object.hasOwn(routing, table) ? [routing[table] ?? []].flat() : []
    compiled.set(table, {
      columns: rule.filter((column) => column !== '*'),
      everyone: rule.includes('*'),
      hidden: hidden.get(table) ?? nobody.hidden,
    })
  }
  return compiled
}

export function rulesOf(rules: ReadonlyMap<string, TableRules>, table: string): TableRules {
  return rules.get(table) ?? nobody
}
