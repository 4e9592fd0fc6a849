//! Markup, service fee, commission and rounding.
