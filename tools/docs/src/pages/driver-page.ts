import { type DriverDefinition, type DriverTraits, describeOptions, formFields } from '@eds/core'
import type { LibraryPackage } from '../site/library-packages.js'
import { code, markdownTable } from './markdown-table.js'

export const generatedNote = '<!-- Written by `npm run docs:pages` from the code. -->'

/** The page of a driver as its definition gives it. In the site the README of its package stands below. */
export function driverPage(definition: DriverDefinition, { name, folder }: LibraryPackage): string {
  const { title, description, help, exampleUrl } = definition
  return [
    generatedNote,
    `# ${title}`,
    description,
    factsTable(definition, name),
    ...(help === undefined ? [] : [help.replaceAll('<', '\\<')]),
    '## All options',
    `Each is a parameter of the URL, or has a place of its own in it: \`${exampleUrl}\`.`,
    optionTable(definition),
    '## In a form',
    'What HQ asks for, and what it stands for.',
    formTable(definition),
    '## How it is fed',
    'With the options of the example.',
    traitTable(exampleTraits(definition)),
    `What is written and how, permissions, limits: [the package’s README](../../${folder}/README.md).`,
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}

function factsTable({ schemes, exampleUrl }: DriverDefinition, name: string): string {
  return markdownTable(
    ['', ''],
    [
      ['package', code(name)],
      ['installation', code(`npm install ${name} @eds/core`)],
      ['URLs begin with', schemes.map((scheme) => code(`${scheme}://`)).join(', ')],
      ['example', code(exampleUrl)],
    ],
  )
}

function optionTable(definition: DriverDefinition): string {
  const rows = describeOptions(definition).map(({ name, type, required, description, secret, ...option }) => [
    code(name),
    secret ? `${type}, secret` : type,
    required ? 'required' : code(option.default),
    description,
  ])
  return markdownTable(['option', 'type', 'default', 'meaning'], rows)
}

function formTable(definition: DriverDefinition): string {
  const rows = formFields(definition).map(({ name, key, type, format, description, ...field }) => [
    name,
    code(key),
    format ?? type,
    field.required ? 'required' : code(field.default === undefined ? undefined : String(field.default)),
    description,
  ])
  return markdownTable(['field', 'option', 'type', 'default', 'meaning'], rows)
}

function exampleTraits(definition: DriverDefinition): DriverTraits {
  return definition.traits(definition.config.parse(definition.parse(definition.exampleUrl)))
}

function traitTable(traits: DriverTraits): string {
  const number = new Intl.NumberFormat('en')
  const isExact = traits.redelivery === 'idempotent'
  return markdownTable(
    ['', ''],
    [
      ['a batch holds at most', `${number.format(traits.maxBatchEvents)} events, ${bytesText(traits.maxBatchBytes)}`],
      ['writes open at a time', String(traits.maxInFlight)],
      ['waits for a batch to fill', traits.lingerMs === 0 ? 'never' : `${number.format(traits.lingerMs)} ms`],
      ['order', traits.ordering === 'key' ? 'kept for each row' : 'none'],
      [
        'the same events again',
        isExact ? 'end in the same state: exactly once in effect' : 'are there twice: at least once',
      ],
      ['several changes of a row in a batch', traits.compaction ? 'become one' : 'are all kept'],
      ['after a crash', traits.batches === 'stable' ? 'the same batches come again' : 'batches may be cut anew'],
      ['a new sink begins', traits.start === 'now' ? 'at the present' : 'where its source says'],
    ],
  )
}

function bytesText(bytes: number): string {
  const mebibytes = bytes / 2 ** 20
  return mebibytes >= 1 ? `${Number(mebibytes.toFixed(1))} MiB` : `${Number((bytes / 1024).toFixed(1))} KiB`
}
