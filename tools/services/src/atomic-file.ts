import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Writes JSON so that a reader sees the old contents or the new ones; the draft is a dot file next to it. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const draft = join(dirname(file), `.${crypto.randomUUID()}`)
  await writeFile(draft, JSON.stringify(value))
  await rename(draft, file)
}
