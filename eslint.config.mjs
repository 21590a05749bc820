import nx from '@nx/eslint-plugin'
import { parser } from 'typescript-eslint'

/** What programs are put together from. */
const composable = [
  'type:core',
  'type:sql',
  'type:driver',
  'type:source',
  'type:state',
  'type:hq',
  'type:sync',
  'type:workload',
  'type:tool',
  'type:testkit',
]

/**
 * ESLint has one job here: dependencies point one way. Formatting and every other rule are Biome's.
 * driver -> driver and core -> driver cannot be written.
 */
const allowed = {
  'type:core': ['type:core'],
  'type:sql': ['type:core'],
  'type:state': ['type:core'],
  'type:hq': ['type:core'],
  'type:sync': ['type:core', 'type:state'],
  'type:driver': ['type:core', 'type:sql'],
  'type:source': ['type:core'],
  'type:workload': ['type:core'],
  'type:testkit': ['type:core', 'type:workload'],
  'type:app': composable,
  'type:tool': [...composable, 'type:app'],
}

const depConstraints = Object.entries(allowed).map(([sourceTag, onlyDependOnLibsWithTags]) => ({
  sourceTag,
  onlyDependOnLibsWithTags,
}))

export default [
  { ignores: ['**/dist', '**/out-tsc', '**/node_modules'] },
  ...nx.configs['flat/base'],
  {
    files: ['**/src/**/*.ts'],
    languageOptions: { parser },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        // A command loads what it needs when it is called, and another of its modules may import the same statically.
        { enforceBuildableLibDependency: true, depConstraints, checkDynamicDependenciesExceptions: ['.*'] },
      ],
    },
  },
]
