import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Package } from './packages.js'
import { run } from './run.js'

/** Imports each package in a Node of its own, in a project where only it is installed. */
export async function importFromJavaScript(directory: string, { name }: Package): Promise<void> {
  await run(process.execPath, ['--input-type=module', '-e', `await import(${JSON.stringify(name)})`], directory)
}

const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc')

/** Type-checks a program that imports all packages, as strict as it gets, in both ways of resolving modules that know `exports`. */
export async function importFromTypeScript(directory: string, packages: readonly Package[]): Promise<void> {
  const lines = packages.map(({ name }, index) => `import * as package${index} from '${name}'\nvoid package${index}\n`)
  await writeFile(join(directory, 'all.ts'), lines.join(''))
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    const words = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--types', 'node']
    await run(
      process.execPath,
      [compiler, ...words, '--module', module, '--moduleResolution', moduleResolution, 'all.ts'],
      directory,
    )
  }
}
