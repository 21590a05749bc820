import { parse, TomlError } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { editToml, type TomlChanges } from '../../src/settings/toml-edit.js'

describe('editToml', () => {
  it.each<[string, string, TomlChanges, string]>([
    ['an empty text', '', { token: 'a', server_id: 'b' }, 'token = "a"\nserver_id = "b"\n'],
    ['a key that is there', '# mine\nurl = "x" # here\nz = 1\n', { url: 'y' }, '# mine\nurl = "y" # here\nz = 1\n'],
    ['the last line without its end', 'token = "a"\nurl = "x"', { url: 'y' }, 'token = "a"\nurl = "y"\n'],
    ['a new key before the tables', 'a = 1\n[t]\nurl = "t"\n', { url: 'y' }, 'a = 1\nurl = "y"\n[t]\nurl = "t"\n'],
    ['a key to be forgotten', 'a = 1\nserver_id = "s"\nb = 2\n', { server_id: undefined }, 'a = 1\nb = 2\n'],
    ['a key to be forgotten that is not there', 'a = 1\n', { server_id: undefined }, 'a = 1\n'],
    ['a literal string', `  "url"='x'\n`, { url: 'y' }, '  "url"="y"\n'],
    ['dollars and backslashes', 'url = "x"\n', { url: '$&\\"$1' }, 'url = "$&\\\\\\"$1"\n'],
  ])('%s', (_what, text, changes, expected) => {
    expect(editToml(text, changes)).toBe(expected)
  })

  it.each([
    'url = """\nurl = "x"\n"""\nkeep_logs = true\n',
    "note = '''\nurl = \"x\"\n'''\nurl = 'z'\n",
    'list = [\n"a",\n"b"]\nurl = """x"""\n',
  ])('writes the whole anew where lines do not tell: %j', (text) => {
    const { url: _, ...others } = parse(text)
    expect(parse(editToml(text, { url: 'new' }))).toEqual({ ...others, url: 'new' })
  })

  it('refuses what is not TOML', () => {
    expect(() => editToml('url = "', { url: 'y' })).toThrow(TomlError)
  })
})
