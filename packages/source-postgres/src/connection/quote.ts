/** A name of any content as a quoted identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteTable(schema: string, table: string): string {
  return `${quoteName(schema)}.${quoteName(table)}`
}

/** Text as a literal, for names; values of rows never go into statements. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
