import type { OpenRequest, Source, SourceReader } from '@eds/core'
import { splitPosition } from './merged-position.js'
import { MergedReader } from './merged-reader.js'

/**
 * Two sources as one. A cursor has its place in both; events of different sources come in no particular order, those of one source in
 * that source's. A cursor that was read from the first source alone goes on where it stood.
 */
export function mergeSources(first: Source, second: Source): Source {
  return {
    description: `${first.description} and ${second.description}`,
    open: (request) => openBoth(first, second, request),
    forget: async (cursor) => {
      await Promise.all([first.forget(cursor), second.forget(cursor)])
    },
    close: async () => {
      await Promise.all([first.close(), second.close()])
    },
  }
}

async function openBoth(first: Source, second: Source, request: OpenRequest): Promise<SourceReader> {
  const { after, ...rest } = request
  const place = after === undefined ? {} : splitPosition(after)
  const requestFor = (position: string | undefined): OpenRequest =>
    position === undefined ? rest : { ...rest, after: position }
  const opened = await first.open(requestFor(place.first))
  try {
    return new MergedReader({ first: opened, second: await second.open(requestFor(place.second)) }, place)
  } catch (error) {
    await opened.close()
    throw error
  }
}
