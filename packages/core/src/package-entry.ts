/** The fields of a `package.json` that decide which file an import loads. */
export interface PackageEntries {
  readonly exports?: unknown
  readonly main?: unknown
}

/**
 * The file, relative to the package, that `import` of a subpath (`.`, `./driver`) loads: by Node's rules for conditional exports
 * (https://nodejs.org/api/packages.html#conditional-exports), without patterns. Without `exports`, and for a subpath that is not
 * exported but names a file (`./dist/driver.js`), the file itself. `undefined` when there is none or it leaves the package.
 */
export function packageEntry(
  entries: PackageEntries,
  subpath: string,
  conditions: ReadonlySet<string>,
): string | undefined {
  const target = exportTarget(entries.exports, subpath, conditions) ?? plainTarget(entries, subpath)
  return target?.split('/').includes('..') ? undefined : target
}

function exportTarget(exports: unknown, subpath: string, conditions: ReadonlySet<string>): string | undefined {
  const bySubpath = isObject(exports) && Object.keys(exports).some((key) => key.startsWith('.'))
  if (bySubpath) return Object.hasOwn(exports, subpath) ? conditional(exports[subpath], conditions) : undefined
  return subpath === '.' ? conditional(exports, conditions) : undefined
}

function conditional(target: unknown, conditions: ReadonlySet<string>): string | undefined {
  if (typeof target === 'string') return target.startsWith('./') ? target : undefined
  if (!isObject(target)) return undefined
  for (const [condition, next] of Object.entries(target)) {
    const found = condition === 'default' || conditions.has(condition) ? conditional(next, conditions) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function plainTarget({ exports, main }: PackageEntries, subpath: string): string | undefined {
  if (subpath !== '.') return subpath.startsWith('./') ? subpath : undefined
  if (exports !== undefined) return undefined
  return `./${typeof main === 'string' ? main.replace(/^\.\//, '') : 'index.js'}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The conditions under which this process imports: Node's own and those given by `-C` or `--conditions`. */
export function importConditions(execArgv: readonly string[], nodeOptions = ''): Set<string> {
  const conditions = new Set(['node', 'import', 'module-sync'])
  const words = [...nodeOptions.split(/\s+/), ...execArgv]
  words.forEach((word, index) => {
    const next = word === '-C' || word === '--conditions' ? words[index + 1] : undefined
    const condition = next ?? /^--conditions=(.+)$/.exec(word)?.[1]
    if (condition !== undefined) conditions.add(condition)
  })
  return conditions
}
