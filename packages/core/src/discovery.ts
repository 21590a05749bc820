import { access, readFile, realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { DriverDefinition } from './driver.js'
import { checkDriver, isSchemeList } from './driver-check.js'
import { EdsError } from './errors.js'
import { importConditions, packageEntry } from './package-entry.js'

export interface DiscoverOptions {
  /** Holds the host project's `package.json`; packages are looked up from here as Node does. */
  readonly projectDirectory: string
  /** Packages that the configuration names: package names, or directories (`./my-driver`, `/srv/my-driver`). */
  readonly listed?: readonly string[]
}

/** A driver package that is installed; nothing of it has run yet. */
export interface DiscoveredDriver {
  readonly packageName: string
  readonly version: string
  /** Absolute, symbolic links resolved. */
  readonly directory: string
  /** As the package's `package.json` says; absent when it does not say. */
  readonly schemes?: readonly string[]
  /** Imports the package (once) and checks its definition. Rejects with `EdsError('configuration')`. */
  load(): Promise<DriverDefinition>
}

const dependencyMap = z.record(z.string(), z.unknown()).optional()
const projectManifest = z.object({ dependencies: dependencyMap, optionalDependencies: dependencyMap })
const driverManifest = z.object({
  name: z.string(),
  version: z.string().default('0.0.0'),
  exports: z.unknown().optional(),
  main: z.unknown().optional(),
  eds: z.object({
    driver: z.string(),
    schemes: z.custom<readonly string[]>(isSchemeList, 'must list URL schemes in lower case').optional(),
  }),
})
type DriverManifest = z.infer<typeof driverManifest>

/**
 * Finds the driver packages of a project: its direct `dependencies` and `optionalDependencies`, and what the configuration lists.
 * A package that only came along with another one is never a driver, so that it can never receive a connection string. A package
 * is a driver when its `package.json` says `"eds": {"driver": "."}` (an exported subpath, or a file of the package), best with the
 * schemes that it serves: `"schemes": ["postgres", "postgresql"]`. Reads `package.json` files only.
 *
 * @throws EdsError `configuration` when a listed package is missing or no driver, or a `package.json` cannot be read.
 */
export async function discoverDrivers(options: DiscoverOptions): Promise<DiscoveredDriver[]> {
  const { projectDirectory, listed = [] } = options
  const own = await readManifest(join(projectDirectory, 'package.json'))
  const project = own === undefined ? {} : parseManifest(projectManifest, own, projectDirectory)
  const direct = Object.keys({ ...project.dependencies, ...project.optionalDependencies })
  const found = new Map<string, DiscoveredDriver>()
  for (const name of [...new Set([...direct, ...listed])]) {
    const directory = await findPackage(name, projectDirectory)
    const manifest = directory === undefined ? undefined : await readManifest(join(directory, 'package.json'))
    if (directory !== undefined && isDriverManifest(manifest)) {
      found.set(directory, discovered(directory, parseManifest(driverManifest, manifest, directory)))
    } else if (listed.includes(name)) {
      throw notADriver(name, manifest !== undefined)
    }
  }
  return [...found.values()]
}

function notADriver(name: string, installed: boolean): EdsError {
  return installed
    ? new EdsError(
        'configuration',
        `the configuration lists "${name}" as a driver, but its package.json has no "eds": {"driver": …}`,
      )
    : new EdsError('configuration', `the configuration lists the driver "${name}", which is not installed`, {
        fix: `npm install ${name}`,
      })
}

function isDriverManifest(manifest: unknown): boolean {
  return z.object({ eds: z.object({ driver: z.unknown() }) }).safeParse(manifest).data?.eds.driver !== undefined
}

/** The package's directory by Node's rules: in the `node_modules` of the project's directory or of one above it. */
async function findPackage(name: string, projectDirectory: string): Promise<string | undefined> {
  if (name.startsWith('.') || isAbsolute(name)) return existing(resolve(projectDirectory, name))
  for (let directory = resolve(projectDirectory); ; directory = dirname(directory)) {
    const found = await existing(join(directory, 'node_modules', name))
    if (found !== undefined || directory === dirname(directory)) return found
  }
}

async function existing(directory: string): Promise<string | undefined> {
  try {
    await access(join(directory, 'package.json'))
    return await realpath(directory)
  } catch {
    return undefined
  }
}

async function readManifest(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new EdsError('configuration', `cannot read ${path}: ${error.message}`, { cause: error })
  })
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EdsError('configuration', `${path} is not valid JSON`, { cause })
  }
}

function parseManifest<T>(schema: z.ZodType<T>, manifest: unknown, directory: string): T {
  const parsed = schema.safeParse(manifest)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  throw new EdsError('configuration', `${join(directory, 'package.json')} is not right: ${problems}`)
}

function discovered(directory: string, manifest: DriverManifest): DiscoveredDriver {
  const { name: packageName, version, eds } = manifest
  let loading: Promise<DriverDefinition> | undefined
  return {
    packageName,
    version,
    directory,
    ...(eds.schemes === undefined ? {} : { schemes: eds.schemes }),
    load: () => {
      loading ??= importDriver(directory, manifest)
      return loading
    },
  }
}

async function importDriver(directory: string, manifest: DriverManifest): Promise<DriverDefinition> {
  const origin = `driver package "${manifest.name}" ${manifest.version}`
  const entry = packageEntry(
    manifest,
    manifest.eds.driver,
    importConditions(process.execArgv, process.env.NODE_OPTIONS),
  )
  if (entry === undefined) {
    throw new EdsError(
      'configuration',
      `${origin} says that its driver is "${manifest.eds.driver}", which it does not export`,
    )
  }
  const module: unknown = await import(pathToFileURL(join(directory, entry)).href).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new EdsError('configuration', `${origin} cannot be loaded: ${reason}`, { cause, fix: 'install it again' })
  })
  return checkDriver((module as { readonly default?: unknown }).default, origin)
}
