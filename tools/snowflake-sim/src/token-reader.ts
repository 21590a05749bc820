import type { QualifiedName } from './ast.js'
import { syntaxErrorAt, type Token, tokenize } from './lexer.js'

/** Words that begin the next clause, so that they are never taken for an alias without AS. */
const reserved = new Set(
  'FROM WHERE GROUP ORDER LIMIT HAVING QUALIFY UNION JOIN LEFT INNER ON USING WHEN SET VALUES AND OR NOT AS THEN ELSE END IS IN BETWEEN LIKE SELECT'.split(
    ' ',
  ),
)

/** Reads the tokens of a text one after another; every refusal is a syntax error that names the place. */
export class TokenReader {
  readonly text: string
  private readonly tokens: readonly Token[]
  private position = 0
  /** Binds seen so far: `?` takes the next number. */
  bindCount = 0

  constructor(text: string) {
    this.text = text
    this.tokens = tokenize(text)
  }

  peek(ahead = 0): Token {
    const last = this.tokens.length - 1
    const token = this.tokens[Math.min(this.position + ahead, last)]
    if (token === undefined) throw syntaxErrorAt(this.text, this.text.length, '<EOF>')
    return token
  }

  next(): Token {
    const token = this.peek()
    this.position += 1
    return token
  }

  fail(): never {
    throw syntaxErrorAt(this.text, this.peek().start, this.peek().text)
  }

  /** Whether the next tokens are these words or symbols, in this order. */
  is(...texts: readonly string[]): boolean {
    return texts.every((text, ahead) => {
      const token = this.peek(ahead)
      return (token.kind === 'word' || token.kind === 'symbol') && token.text === text
    })
  }

  /** Takes the words or symbols if they are next. */
  take(...texts: readonly string[]): boolean {
    const found = this.is(...texts)
    if (found) this.position += texts.length
    return found
  }

  expect(...texts: readonly string[]): void {
    if (!this.take(...texts)) this.fail()
  }

  name(): string {
    const token = this.peek()
    if (token.kind !== 'word' && token.kind !== 'name') this.fail()
    return this.next().text
  }

  qualifiedName(): QualifiedName {
    const parts = [this.name()]
    while (this.take('.')) parts.push(this.name())
    return parts
  }

  /** `AS name` or a bare name that does not begin a clause. */
  alias(): string | undefined {
    if (this.take('AS')) return this.name()
    const token = this.peek()
    const bare = token.kind === 'name' || (token.kind === 'word' && !reserved.has(token.text))
    return bare ? this.name() : undefined
  }

  integer(): number {
    if (this.peek().kind !== 'number') this.fail()
    return Number(this.next().text)
  }

  nameList(): readonly string[] {
    return this.parenthesized(() => this.name())
  }

  parenthesized<Item>(item: () => Item): readonly Item[] {
    this.expect('(')
    const items = this.list(item)
    this.expect(')')
    return items
  }

  list<Item>(item: () => Item): readonly Item[] {
    const items = [item()]
    while (this.take(',')) items.push(item())
    return items
  }
}
