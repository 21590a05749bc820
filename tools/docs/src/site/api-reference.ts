import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Application } from 'typedoc'
import { workspaceDirectory } from '../workspace.js'
import { libraryPackages } from './library-packages.js'
import { pagesDirectory } from './stage-site.js'

/** Writes the reference of every published package from its docstrings. Rejects, naming them, when a docstring is not understood. */
export async function writeApiReference(): Promise<void> {
  const packages = await libraryPackages()
  const application = await Application.bootstrapWithPlugins({
    name: 'API',
    entryPoints: packages.map(({ entry }) => entry),
    tsconfig: join(workspaceDirectory, 'tools/docs/site/tsconfig.api.json'),
    plugin: ['typedoc-plugin-markdown'],
    skipErrorChecking: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    readme: 'none',
    disableSources: true,
    logLevel: 'Error',
    ...markdownOptions,
  })
  const project = await application.convert()
  if (!project) throw new Error('typedoc could not read the sources')
  for (const module of project.children ?? []) {
    const found = packages.find(({ folder }) => folder === `packages/${module.name.replace(/\/src$/, '')}`)
    if (found) module.name = found.name
  }
  await application.generateOutputs(project)
  await readFile(join(pagesDirectory, 'api/index.md'))
}

/** Options of the plug-in, which TypeDoc's own type does not know. */
const markdownOptions = {
  outputs: [{ name: 'markdown', path: join(pagesDirectory, 'api') }],
  entryFileName: 'index',
  hideBreadcrumbs: true,
  router: 'module',
}
