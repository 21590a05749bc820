import ts from 'typescript'

/** A property of an interface, as its author described it. */
export interface InterfaceOption {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly description: string
}

/**
 * The properties of an interface, those that it inherits first. `sources` are the texts of the files among which it and its bases are.
 *
 * @throws Error when there is no such interface.
 */
export function interfaceOptions(sources: readonly string[], name: string): InterfaceOption[] {
  const files = sources.map((text) => ts.createSourceFile('source.ts', text, ts.ScriptTarget.ES2023, true))
  return optionsOf(files, name)
}

function optionsOf(files: readonly ts.SourceFile[], name: string): InterfaceOption[] {
  for (const file of files) {
    const found = file.statements.find(
      (node): node is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(node) && node.name.text === name,
    )
    if (found === undefined) continue
    const bases = (found.heritageClauses ?? []).flatMap(({ types }) =>
      types.map(({ expression }) => expression.getText()),
    )
    return [...bases.flatMap((base) => optionsOf(files, base)), ...found.members.flatMap((member) => optionOf(member))]
  }
  throw new Error(`there is no interface ${name}`)
}

function optionOf(member: ts.TypeElement): InterfaceOption[] {
  if (!ts.isPropertySignature(member)) return []
  const comments = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc)
  const description = comments.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '').join(' ')
  return [
    {
      name: member.name.getText(),
      type: (member.type?.getText() ?? '').replaceAll('readonly ', ''),
      required: member.questionToken === undefined,
      description: description.replace(/\{@link (?:\S+ )?([^}]+)\}/g, '`$1`').trim(),
    },
  ]
}
