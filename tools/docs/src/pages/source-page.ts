import type { LibraryPackage } from '../site/library-packages.js'
import { generatedNote } from './driver-page.js'
import type { InterfaceOption } from './interface-options.js'
import { code, markdownTable } from './markdown-table.js'
import type { SourceFacts } from './source-packages.js'

/** The page of a source as its package and the type of its options give it. In the site the README of its package stands below. */
export function sourcePage(facts: SourceFacts, library: LibraryPackage, options: readonly InterfaceOption[]): string {
  const { title, factory, folder } = facts
  return [
    generatedNote,
    `# ${title}, as a source`,
    library.description,
    markdownTable(
      ['', ''],
      [
        ['package', code(library.name)],
        ['installation', code(`npm install ${library.name} @eds/core`)],
        ['in a program', code(`import { ${factory} } from '${library.name}'`)],
      ],
    ),
    '## All options',
    `Of \`${factory}(options)\`.`,
    markdownTable(['option', 'type', '', 'meaning'], options.map(optionRow)),
    `What is delivered and how, permissions, limits: [the package’s README](../../${folder}/README.md).\n`,
  ].join('\n\n')
}

function optionRow({ name, type, required, description }: InterfaceOption): string[] {
  return [code(name), code(type), required ? 'required' : '', description]
}
