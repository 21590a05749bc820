import { writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node'
import type { NamedTest, TestRun } from './summary.js'

/** Names the file that the counts go to. */
export const summaryFileVariable = 'EDS_TEST_SUMMARY_FILE'

const skippedInTitle = / ?\[skipped: (.*?)\](?= >|$)/s

/** A Vitest reporter that writes a {@link TestRun} as JSON for `npm test` to print at its end. */
export default class SummaryReporter implements Reporter {
  #selective = false

  onInit(vitest: Vitest): void {
    this.#selective = vitest.config.testNamePattern !== undefined
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly UnhandledError[]): void {
    const file = process.env[summaryFileVariable]
    if (!file) throw new Error(`${summaryFileVariable} must name the file for the summary`)
    const run = toTestRun(modules, this.#selective)
    writeFileSync(file, JSON.stringify({ ...run, failed: [...run.failed, ...unhandled.map(failedOutside)] }))
  }
}

/** What Vitest says of an error that no test awaited; its types leave out where it came from. */
interface UnhandledError {
  readonly message: string
  readonly stack?: string
  readonly VITEST_TEST_PATH?: string
  readonly VITEST_TEST_NAME?: string
}

function failedOutside({ message, stack, ...about }: UnhandledError): NamedTest {
  const place = [about.VITEST_TEST_PATH, about.VITEST_TEST_NAME].filter((part) => part !== undefined).join(' > ')
  return { name: `error outside of any test, during ${place || 'none'}`, reason: stack ?? message }
}

/** `selective`: only tests of a given name were wanted, so the others are left out rather than called skipped. */
function toTestRun(modules: readonly TestModule[], selective: boolean): TestRun {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const skipped = tests.filter((test) => isSkipped(test) && !(selective && skipReason(test) === undefined))
  return {
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed: [...brokenBlocks(modules), ...tests.filter(isFailed).map(failedTest)],
    skipped: skipped.map((test) => ({ name: nameOf(test), reason: skipReason(test) ?? 'no reason given' })),
    unsteady: tests.filter((test) => test.diagnostic()?.flaky).map(failedTest),
  }
}

function isFailed(test: TestCase): boolean {
  return test.result().state === 'failed'
}

/** Tests that a run cut short never reached are still pending. */
function isSkipped(test: TestCase): boolean {
  const { state } = test.result()
  return state === 'skipped' || state === 'pending'
}

function failedTest(test: TestCase): NamedTest {
  return { name: nameOf(test), reason: test.result().errors?.[0]?.message ?? 'failed' }
}

/** The note given to `context.skip(note)`, or what the title of a block says. */
function skipReason(test: TestCase): string | undefined {
  const result = test.result()
  if (result.state === 'pending') return 'the run ended before it'
  const said = (result.state === 'skipped' ? result.note : undefined) ?? skippedInTitle.exec(test.fullName)?.[1]
  return said ?? (isInBrokenBlock(test) ? 'its block failed' : undefined)
}

function isInBrokenBlock(test: TestCase): boolean {
  let block: TestSuite | TestModule = test.parent
  while (block.type === 'suite' && block.errors().length === 0) block = block.parent
  return block.errors().length > 0
}

/** Files that do not load and blocks whose hooks fail: their tests are not run, so each counts as a failure itself. */
function brokenBlocks(modules: readonly TestModule[]): readonly NamedTest[] {
  const blocks = modules.flatMap((module) => [module, ...module.children.allSuites()])
  return blocks.flatMap((block) => block.errors().map(({ message }) => ({ name: nameOf(block), reason: message })))
}

function nameOf(task: TestCase | TestModule | TestSuite): string {
  const module = task.type === 'module' ? task : task.module
  const title = task.type === 'module' ? '' : ` > ${task.fullName.replace(skippedInTitle, '')}`
  return `${module.project.name} ${module.relativeModuleId}${title}`
}
