import { type DriverDescription, driverFiles, type Kind, type WorkspaceLayout } from '@eds/create-driver'
import { joinPathFragments, logger, type Tree, updateJson } from '@nx/devkit'

/** What `schema.json` lets pass. */
export interface DriverGeneratorOptions {
  readonly name: string
  readonly kind: Kind
  readonly scheme?: string
  /** From the workspace's root; default: `packages/driver-<name>`. */
  readonly directory?: string
}

/**
 * `nx g @eds/nx:driver my-db`: writes a driver package into this workspace, from the same template as `npm create @eds/driver`, and
 * names it in the root's `tsconfig.json`. No other file is touched; `npm install` and `nx sync` do the rest.
 *
 * @throws Error when the folder holds something, or name or scheme cannot be used.
 */
export async function driverGenerator(tree: Tree, options: DriverGeneratorOptions): Promise<void> {
  const { name, kind, scheme, directory = `packages/driver-${name}` } = options
  if (tree.children(directory).length > 0) {
    throw new Error(`${directory} is not empty: choose another name or --directory`)
  }
  const description: DriverDescription = {
    name,
    kind,
    packageName: `@eds/driver-${name}`,
    ...(scheme === undefined ? {} : { scheme }),
  }
  const layout: WorkspaceLayout = { in: 'workspace', directory }
  for (const [path, text] of await driverFiles(description, layout)) {
    tree.write(joinPathFragments(directory, path), text)
  }
  addReference(tree, `./${directory}`)
  logger.info(`next: npm install && npx nx sync && npx vitest run --project @eds/driver-${name}`)
}

function addReference(tree: Tree, path: string): void {
  updateJson(tree, 'tsconfig.json', (config: { references: { path: string }[] }) => ({
    ...config,
    references: [...config.references.filter((reference) => reference.path !== path), { path }],
  }))
}
