//! The read path: superset cache, coalescing, fan-out, priced views, filters.
