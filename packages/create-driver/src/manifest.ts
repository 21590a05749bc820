import type { DriverNames } from './describe-driver.js'
import type { Layout, WorkspaceLayout } from './layout.js'
import { pick, type Versions } from './versions.js'

/** The `package.json` of a new driver, as an object in the order in which it is written. */
export function manifestOf(names: DriverNames, layout: Layout, versions: Versions): object {
  return layout.in === 'workspace' ? memberManifest(names, layout, versions) : folderManifest(names, versions)
}

function commonFields({ packageName, title }: DriverNames): object {
  return {
    name: packageName,
    version: '0.1.0',
    description: `EDS destination: ${title}.`,
    license: 'MIT',
    type: 'module',
    engines: { node: '>=20.19' },
  }
}

/** How EDS finds the driver, without running any of it. */
function discoveryFields({ scheme }: DriverNames): object {
  return { keywords: ['eds', 'eds-driver', 'cdc'], eds: { driver: '.', schemes: [scheme] } }
}

const entry = { types: './dist/index.d.ts', default: './dist/index.js' }

function folderManifest(names: DriverNames, versions: Versions): object {
  return {
    ...commonFields(names),
    exports: { '.': entry, './package.json': './package.json' },
    files: ['dist'],
    publishConfig: { access: 'public' },
    ...discoveryFields(names),
    scripts: {
      build: 'tsc --project tsconfig.build.json',
      typecheck: 'tsc',
      lint: 'biome check .',
      format: 'biome check --write .',
      test: 'vitest run',
      'check-package': 'publint --strict',
      prepublishOnly: 'npm run lint && npm run typecheck && npm run build && npm test && npm run check-package',
    },
    dependencies: pick(versions, ['zod']),
    peerDependencies: pick(versions, ['@eds/core']),
    devDependencies: pick(versions, [
      '@biomejs/biome',
      '@eds/core',
      '@eds/testkit',
      '@types/node',
      'publint',
      'typescript',
      'vitest',
    ]),
  }
}

/** Builds, tests and checks are the workspace's. */
function memberManifest(names: DriverNames, layout: WorkspaceLayout, versions: Versions): object {
  return {
    ...commonFields(names),
    exports: { '.': { '@eds/source': './src/index.ts', ...entry }, './package.json': './package.json' },
    files: ['dist', 'src', '!dist/*.tsbuildinfo'],
    ...(layout.directory.startsWith('packages/') ? { publishConfig: { access: 'public' } } : { private: true }),
    repository: { type: 'git', url: 'git+https://github.com/eds/eds.git', directory: layout.directory },
    ...discoveryFields(names),
    nx: { tags: ['type:driver'], targets: { lint: {}, test: {} } },
    dependencies: pick(versions, ['zod']),
    peerDependencies: pick(versions, ['@eds/core']),
    devDependencies: { ...pick(versions, ['@eds/core', '@eds/testkit']), '@eds/tool-services': '^0.1.0' },
  }
}
