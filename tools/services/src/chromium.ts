import { aptInstaller } from './install.js'
import { findExecutable } from './machine.js'
import type { ProgramDefinition } from './service-definition.js'

/** Names that the browser goes by: Debian's, Ubuntu's, Google's. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** A browser without a window, for tests of what runs in pages. Not a server: the test starts it. */
export const chromium: ProgramDefinition = {
  name: 'chromium',
  title: 'Chromium',
  required: true,
  native: {
    find: () => process.env.EDS_TEST_CHROMIUM || names.map((name) => findExecutable(name)).find(Boolean),
    installer: aptInstaller(['chromium']),
  },
}
