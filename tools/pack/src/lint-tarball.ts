import { readFile } from 'node:fs/promises'
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/** CommonJS programs import ES modules dynamically; Node 10 resolution knows no `exports`. Neither is promised. */
const ignoredResolutions = new Set(['node10', 'node16-cjs'])

/** What publint and attw find wrong with a packed package; empty when it is good. */
export async function lintTarball(path: string): Promise<string[]> {
  const data = await readFile(path)
  return [...(await publintProblems(data)), ...(await typeProblems(data))]
}

async function publintProblems(data: Buffer): Promise<string[]> {
  const tarball = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer
  const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`)
}

async function typeProblems(data: Buffer): Promise<string[]> {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(data)))
  if (!analysis.types) return ['attw: there are no types']
  return analysis.problems.filter(isServed).map((problem) => `attw: ${JSON.stringify(problem)}`)
}

function isServed(problem: Problem): boolean {
  return !('resolutionKind' in problem && ignoredResolutions.has(problem.resolutionKind))
}
