import { readFileSync } from 'node:fs'
import { type DriverDefinition, describeOptions } from '@eds/core'
import { expect, it } from 'vitest'
import driver from '../src/index.js'

it('the option table of the README is that of the configuration', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  for (const { name, type, required, description, ...option } of describeOptions(driver as DriverDefinition)) {
    const standard = option.default === undefined ? '' : `\`${option.default}\``
    const cells = [`\`${name}\``, type.replaceAll('|', '\\|'), required ? 'required' : standard, description]
    expect(readme).toContain(`| ${cells.join(' | ')} |`)
  }
})
