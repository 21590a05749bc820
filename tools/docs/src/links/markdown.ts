/** A link of a page, with the line that it is on, from 1. */
export interface Link {
  readonly target: string
  readonly line: number
}

/** The lines of a page; those of code blocks and comments are empty, so that nothing in them is taken for Markdown. */
export function proseLines(text: string): string[] {
  let fence: string | undefined
  const uncommented = text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ''))
  return uncommented.split('\n').map((line) => {
    const [, mark] = /^\s*(`{3,}|~{3,})/.exec(line) ?? []
    if (fence === undefined && mark !== undefined) fence = mark
    else if (fence !== undefined && mark?.startsWith(fence)) fence = undefined
    else if (fence === undefined) return line
    return ''
  })
}

/** Every link and image of a page, in order; code is left out. */
export function linksOf(text: string): Link[] {
  return proseLines(text).flatMap((line, index) => {
    const prose = line.replace(/`[^`]*`/g, '')
    const inline = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)]
    const reference = [...prose.matchAll(/^\[[^\]]+\]:\s+(\S+)/g)]
    return [...inline, ...reference].map(([, target = '']) => ({ target, line: index + 1 }))
  })
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const line of proseLines(text)) {
    const [, title] = /^#{1,6}\s+(.+?)\s*#*$/.exec(line) ?? []
    if (title !== undefined) anchors.add(unused(slugOf(title), anchors))
  }
  return anchors
}

/** `What is written?` → `what-is-written`, as GitHub does it. */
export function slugOf(title: string): string {
  return title
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')
}

function unused(slug: string, taken: ReadonlySet<string>): string {
  let name = slug
  for (let count = 1; taken.has(name); count += 1) name = `${slug}-${count}`
  return name
}
