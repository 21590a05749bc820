import type { ConfigSketch, SketchedRule } from './config-sketch.js'
import { referenceTo } from './environment-references.js'
import { type Problem, pathText } from './problems.js'

/** What contradicts itself in a configuration, or in what can be read of it. */
export function statementProblems(config: ConfigSketch): Problem[] {
  const general = config.transforms ?? []
  return [
    ...twins(config),
    ...transformProblems(general, ['transforms'], config),
    ...renamedTwice(general, ['transforms']),
    ...config.sinks.flatMap(({ transforms = [] }, index) => [
      ...transformProblems(transforms, ['sinks', index, 'transforms'], config),
      ...renamedTwice([...general, ...transforms], ['sinks', index, 'transforms']),
    ]),
  ]
}

function twins({ sinks }: ConfigSketch): Problem[] {
  return sinks.flatMap(({ name }, index) => {
    const first = sinks.findIndex((other) => other.name === name)
    return name === undefined || first === index
      ? []
      : [{ path: `sinks[${index}].name`, message: `"${name}" is the name of sinks[${first}], too` }]
  })
}

function transformProblems(
  transforms: readonly SketchedRule[],
  path: readonly PropertyKey[],
  { hashKey }: ConfigSketch,
): Problem[] {
  return transforms.flatMap(({ columns: { rename = {}, mask = [], hash = [] } = {} }, index) => {
    const at = (...more: string[]) => pathText([...path, index, 'columns', ...more])
    const names = Object.values(rename)
    const both = mask.filter((column) => hash.includes(column))
    return [
      ...names
        .filter((name, position) => names.indexOf(name) !== position)
        .map((name) => ({ path: at('rename'), message: `two columns would be "${name}"` })),
      ...both.map((column) => ({ path: at('hash'), message: `"${column}" is masked, too: choose one` })),
      ...(hash.length > 0 && hashKey === undefined
        ? [
            {
              path: at('hash'),
              message: `needs hashKey, without which values could be guessed: hashKey: ${referenceTo('EDS_HASH_KEY')}`,
            },
          ]
        : []),
    ]
  })
}

/** Rows of two tables must not meet in one. */
function renamedTwice(transforms: readonly SketchedRule[], path: readonly PropertyKey[]): Problem[] {
  const names = new Map(
    transforms.flatMap(({ table, rename }) => (table === undefined || rename === undefined ? [] : [[table, rename]])),
  )
  const tables = [...names.keys()]
  return tables.flatMap((table, index) => {
    const first = tables.findIndex((other) => names.get(other) === names.get(table))
    return first === index
      ? []
      : [{ path: pathText(path), message: `"${tables[first]}" and "${table}" would both be "${names.get(table)}"` }]
  })
}
