import { readFileSync } from 'node:fs'
import { type DriverDefinition, describeOptions } from '@eds/core'
import { expect, it } from 'vitest'
import driver from '../src/index.js'

it('the option table of the README is that of the configuration', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const table = /^\| option \|.*\n\|.*\n((?:\|.*\n)*)/m.exec(readme)?.[1]
  const rows = describeOptions(driver as DriverDefinition).map(({ name, type, required, description, ...option }) => {
    const standard = option.default === undefined ? '' : `\`${option.default}\``
    const cells = [`\`${name}\``, type.replaceAll('|', '\\|'), required ? 'required' : standard, description]
    return `| ${cells.join(' | ')} |\n`
  })
  expect(table).toBe(rows.join(''))
})
