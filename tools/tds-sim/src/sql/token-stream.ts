import { makeType } from '../engine/parse-type.js'
import { syntaxError } from '../engine/sql-error.js'
import type { SqlType } from '../engine/types.js'
import type { Name } from './ast.js'
import type { Token } from './lexer.js'

/** Words that end a clause, so that none is taken for an alias. */
const reserved = new Set(
  'add all alter and as asc begin between by case check commit constraint create cross declare default delete desc distinct drop else end exec execute exists from full group having if in inner insert into is join key left like merge not null on option or order outer primary right rollback select set table then top transaction truncate union unique update using values when where while with throw print waitfor go collate'.split(
    ' ',
  ),
)

/** Walks over tokens; every parser of a part of T-SQL takes from one. */
export class TokenStream {
  readonly #tokens: readonly Token[]
  #position = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)]
    if (!token) throw syntaxError('')
    return token
  }

  next(): Token {
    const token = this.peek()
    this.#position += 1
    return token
  }

  get atEnd(): boolean {
    return this.peek().kind === 'end'
  }

  /** Whether these words (or symbols) come next. */
  sees(...texts: string[]): boolean {
    return texts.every((text, index) => {
      const token = this.peek(index)
      return (token.kind === 'word' || token.kind === 'symbol') && token.text.toLowerCase() === text
    })
  }

  /** Takes these words if they come next. */
  accept(...texts: string[]): boolean {
    if (!this.sees(...texts)) return false
    this.#position += texts.length
    return true
  }

  expect(...texts: string[]): void {
    for (const text of texts) if (!this.accept(text)) throw this.unexpected()
  }

  unexpected(): Error {
    return syntaxError(this.peek().text)
  }

  /** A name in brackets, or a bare one that is no reserved word. */
  seesIdentifier(): boolean {
    const token = this.peek()
    return token.kind === 'name' || (token.kind === 'word' && !reserved.has(token.text.toLowerCase()))
  }

  identifier(): string {
    if (!this.seesIdentifier()) throw this.unexpected()
    return this.next().text
  }

  /** `[a].[b]`; a part may be missing, as in `tempdb..#t`. */
  name(): Name {
    const parts = [this.identifier()]
    while (this.accept('.')) parts.push(this.sees('.') ? '' : this.identifier())
    return parts
  }

  names(): string[] {
    return this.list(() => this.identifier())
  }

  /** `( item, … )`. */
  list<Item>(item: () => Item): Item[] {
    this.expect('(')
    const items = this.items(item)
    this.expect(')')
    return items
  }

  /** `item, …`. */
  items<Item>(item: () => Item): Item[] {
    const items = [item()]
    while (this.accept(',')) items.push(item())
    return items
  }

  /** `NVARCHAR(40)`, `[decimal](18, 4)`. */
  type(unsized: number): SqlType {
    const name = this.name().at(-1) ?? ''
    const sizes = this.sees('(') ? this.list(() => this.next().text.toLowerCase()) : []
    return makeType(name, sizes[0] === 'max' ? 'max' : sizes.map(Number), unsized)
  }
}
