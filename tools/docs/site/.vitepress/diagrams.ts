import type { MarkdownRenderer } from 'vitepress'

/** Turns blocks of Mermaid into the component that draws them, and keeps Vue from reading `{{…}}` in text. */
export function diagrams(markdown: MarkdownRenderer): void {
  const { fence, text, code_inline: code } = markdown.renderer.rules
  markdown.renderer.rules.fence = (tokens, index, options, environment, self) => {
    const token = tokens[index]
    if (token?.info.trim() === 'mermaid') return `<MermaidDiagram source="${encodeURIComponent(token.content)}" />`
    return fence?.(tokens, index, options, environment, self) ?? ''
  }
  markdown.renderer.rules.text = (...given) => (text?.(...given) ?? '').replaceAll('{{', '&#123;&#123;')
  markdown.renderer.rules.code_inline = (...given) => (code?.(...given) ?? '').replaceAll('{{', '&#123;&#123;')
}
