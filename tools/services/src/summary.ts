/** A test that did not pass, as the summary names it. */
export interface NamedTest {
  /** Project, file and full title. */
  readonly name: string
  readonly reason: string
}

/** Everything that a run of all projects came to. */
export interface TestRun {
  readonly passed: number
  readonly failed: readonly NamedTest[]
  readonly skipped: readonly NamedTest[]
  /** Passed, but not at the first attempt: with why that failed. */
  readonly unsteady: readonly NamedTest[]
}

/** A server that could not be had. */
export interface MissingServer {
  readonly name: string
  readonly reason: string
  /** Whether that fails the run. */
  readonly fatal: boolean
}

/** The end of a test run: what was skipped and what failed by name, failures where a cut log still shows them, and last the counts. */
export function summarise(run: TestRun, missing: readonly MissingServer[]): readonly string[] {
  const fatal = missing.filter((server) => server.fatal).map(missingAsTest)
  const failed = [...run.failed, ...fatal]
  return [
    ...section('Skipped', run.skipped),
    ...section('Missing servers', missing.filter((server) => !server.fatal).map(missingAsTest)),
    ...section('Passed at the second attempt only', run.unsteady),
    ...section('Failed', failed),
    `${run.passed} passed, ${failed.length} failed, ${run.skipped.length} skipped`,
  ]
}

/** Vitest may fail for more than its tests, such as its own configuration: the counts must not hide that. */
export function withExitCode(run: TestRun, code: number): TestRun {
  if (code === 0 || run.failed.length > 0) return run
  return { ...run, failed: [{ name: 'vitest', reason: `exited with ${code}; its output above says why` }] }
}

function missingAsTest({ name, reason }: MissingServer): NamedTest {
  return { name, reason }
}

function section(title: string, tests: readonly NamedTest[]): readonly string[] {
  if (tests.length === 0) return []
  return [`${title}:`, ...tests.map(({ name, reason }) => `  ${name}: ${indented(reason)}`), '']
}

function indented(text: string): string {
  return text.trim().replaceAll('\n', '\n    ')
}
