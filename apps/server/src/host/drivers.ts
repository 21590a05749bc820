import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DiscoveredDriver, discoverDrivers } from '@eds/core'

const ownDirectory = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The drivers at hand: those that the project in (or above) the working directory depends on or lists, then those that come with
 * this package. A package that the project has itself takes the place of the one that came along.
 */
export async function installedDrivers(
  workingDirectory: string,
  listed: readonly string[] = [],
): Promise<DiscoveredDriver[]> {
  const ofProject = await discoverDrivers({ projectDirectory: nearestProject(workingDirectory), listed })
  const bundled = await discoverDrivers({ projectDirectory: ownDirectory })
  const known = new Set(ofProject.map(({ packageName }) => packageName))
  return [...ofProject, ...bundled.filter(({ packageName }) => !known.has(packageName))]
}

function nearestProject(from: string): string {
  for (let directory = from; ; directory = dirname(directory)) {
    if (existsSync(join(directory, 'package.json'))) return directory
    if (directory === dirname(directory)) return from
  }
}
