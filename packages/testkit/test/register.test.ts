import { describe, expect, it, vi } from 'vitest'
import type { ConformanceCase } from '../src/conformance/conformance-case.js'
import { registerCases } from '../src/conformance/register.js'

// So short a limit that whatever takes it over is seen below.
vi.setConfig({ testTimeout: 1_234 })

const cases: readonly ConformanceCase<unknown>[] = [{ name: 'a case', run: async () => {} }]
const open = async () => ({ close: async () => {} })

registerCases('with the usual limit', cases, open)
registerCases('with a limit of its own', cases, open, { timeoutMs: 300_000 })

describe('a registered case', () => {
  it.for([
    ['with the usual limit', 120_000],
    ['with a limit of its own', 300_000],
  ] as const)('%s is given up after %d ms, whatever Vitest is configured to', ([suite, timeoutMs], { task }) => {
    const tasks = task.file.tasks.flatMap((other) =>
      other.type === 'suite' && other.name === suite ? other.tasks : [],
    )
    expect(tasks).toMatchObject([{ type: 'test', name: 'a case', timeout: timeoutMs }])
  })
})
