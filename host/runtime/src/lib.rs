//! The component host: engine, linking, limits, capabilities, egress, registry, hot swap.
