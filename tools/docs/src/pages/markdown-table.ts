/** A Markdown table; bars and line breaks in the cells are taken care of. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cellText).join(' | ')} |`
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

/** A cell as code; empty when there is nothing to show. */
export const code = (text: string | undefined): string => (text === undefined || text === '' ? '' : `\`${text}\``)

function cellText(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')
}
