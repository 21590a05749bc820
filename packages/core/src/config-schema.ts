import { z } from 'zod'

type Node = z.core.JSONSchema.JSONSchema

/** One property of a configuration object, as help, option tables and forms show it. */
export interface ConfigProperty {
  readonly key: string
  /** The label that the schema's `title` gives. */
  readonly title?: string
  /** For people: `string`, `number`, `require | disable`, `string[]`. */
  readonly type: string
  readonly kind: 'string' | 'number' | 'boolean'
  /** True when the schema wants text and makes a number or truth value of it. */
  readonly fromText: boolean
  readonly default?: unknown
  readonly description: string
  readonly secret: boolean
  readonly required: boolean
}

/** The top-level properties of a configuration schema, in the order in which it declares them. */
export function configProperties(schema: z.ZodType): ConfigProperty[] {
  const [input, output] = jsonSchemas(schema)
  const before = propertiesOf(input)
  const after = propertiesOf(output)
  const required = new Set(alternatives(input, input).flatMap((node) => node.required ?? []))
  return [...new Set([...after.keys(), ...before.keys()])].map((key) => {
    const nodes = [...alternatives(after.get(key), output), ...alternatives(before.get(key), input)]
    const inputType = typeText(alternatives(before.get(key), input))
    const type = typeText(alternatives(after.get(key), output)) || inputType
    const kind = type === 'boolean' ? 'boolean' : type === 'integer' || type === 'number' ? 'number' : 'string'
    return {
      key,
      ...optional('title', first(nodes, 'title')),
      type: type || 'any',
      kind,
      fromText: kind !== 'string' && inputType === 'string',
      ...optional('default', first(nodes, 'default')),
      description: first(nodes, 'description') ?? '',
      secret: nodes.some(isSecretNode),
      required: required.has(key),
    }
  })
}

/** What becomes of the texts of a configuration. */
export interface ConfigVisitor {
  readonly secret: (value: unknown) => unknown
  readonly text: (value: string, key: string) => unknown
}

/** Copies a configuration, or the input of one, replacing its secrets and its other texts. What the schema does not know is text. */
export function mapConfig(schema: z.ZodType, value: unknown, visitor: ConfigVisitor): unknown {
  const roots = jsonSchemas(schema)
  /** `nodes`: for either side of the schema, all that describes the item. */
  const walk = (item: unknown, nodes: readonly (readonly Node[])[], key: string): unknown => {
    if (item === undefined || item === null) return item
    if (nodes.flat().some(isSecretNode)) return visitor.secret(item)
    if (typeof item === 'string') return visitor.text(item, key)
    if (typeof item !== 'object') return item
    if (Array.isArray(item)) return item.map((element) => walk(element, below(nodes), key))
    return Object.fromEntries(
      Object.entries(item).map(([name, member]) => [name, walk(member, below(nodes, name), name)]),
    )
  }
  const below = (nodes: readonly (readonly Node[])[], name?: string) =>
    nodes.map((list, side) =>
      list.flatMap((node) => childrenOf(node, name)).flatMap((child) => alternatives(child, roots[side])),
    )
  return walk(
    value,
    roots.map((root) => alternatives(root, root)),
    '',
  )
}

/** The schema seen from both sides, because a transformation hides what is on the other. */
function jsonSchemas(schema: z.ZodType): readonly [input: Node, output: Node] {
  const convert = (io: 'input' | 'output') => z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Node
  return [convert('input'), convert('output')]
}

/** The node with its references and unions resolved: everything that a value in its place may be. */
function alternatives(node: Node | undefined, root: Node | undefined, seen = new Set<Node>()): Node[] {
  if (node === undefined || seen.has(node)) return []
  seen.add(node)
  const target = node.$ref === '#' ? root : root?.$defs?.[node.$ref?.replace('#/$defs/', '') ?? '']
  const parts = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? []), ...(target ? [target] : [])]
  return [node, ...parts.flatMap((part) => alternatives(part, root, seen))]
}

function propertiesOf(root: Node): Map<string, Node> {
  const entries = alternatives(root, root).flatMap((node) => Object.entries(node.properties ?? {}))
  return new Map(entries.filter((entry): entry is [string, Node] => typeof entry[1] === 'object'))
}

/** Schemas of an object's member of this name, or of an array's elements. */
function childrenOf(node: Node, name: string | undefined): Node[] {
  const found =
    name === undefined
      ? [node.items, ...(node.prefixItems ?? [])].flat()
      : [Object.hasOwn(node.properties ?? {}, name) ? node.properties?.[name] : node.additionalProperties]
  return found.filter((child): child is Node => typeof child === 'object')
}

function isSecretNode(node: Node): boolean {
  return node.secret === true
}

function first<K extends 'title' | 'default' | 'description'>(nodes: readonly Node[], name: K): Node[K] | undefined {
  return nodes.find((node) => node[name] !== undefined)?.[name]
}

function optional<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [P in K]?: V })
}

function typeText(nodes: readonly Node[]): string {
  const names = nodes.flatMap((node) => {
    if (node.enum !== undefined) return node.enum.map(String)
    if (node.const !== undefined) return [String(node.const)]
    if (node.type === 'array') return [`${typeText(childrenOf(node, undefined)) || 'any'}[]`]
    return [node.type ?? []].flat().filter((type) => type !== 'null')
  })
  return [...new Set(names)].join(' | ')
}
