import { generatedNote } from './driver-page.js'
import { markdownTable } from './markdown-table.js'

/** A line of a list of pages. */
export interface ListedPage {
  readonly title: string
  readonly file: string
  readonly description: string
}

/** The page that lists the others of its folder. */
export function indexPage(title: string, introduction: string, pages: readonly ListedPage[]): string {
  const rows = pages.map((page) => [`[${page.title}](${page.file})`, page.description])
  return [generatedNote, `# ${title}`, introduction, `${markdownTable(['', ''], rows)}\n`].join('\n\n')
}
