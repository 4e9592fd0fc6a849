//! What rule sets share: bindings and columns.
