import type { PipelineMetrics } from '@eds/core'

/** Tells both what the pipeline tells. */
export function combineMetrics(first: PipelineMetrics, second: PipelineMetrics | undefined): PipelineMetrics {
  if (second === undefined) return first
  return {
    onBatch: (sink, batch) => {
      first.onBatch?.(sink, batch)
      second.onBatch?.(sink, batch)
    },
    onRetry: (sink, error) => {
      first.onRetry?.(sink, error)
      second.onRetry?.(sink, error)
    },
    onDeadLetter: (sink, events) => {
      first.onDeadLetter?.(sink, events)
      second.onDeadLetter?.(sink, events)
    },
    onState: (sink, state, error) => {
      first.onState?.(sink, state, error)
      second.onState?.(sink, state, error)
    },
    onDriver: (sink, name, value) => {
      first.onDriver?.(sink, name, value)
      second.onDriver?.(sink, name, value)
    },
  }
}
