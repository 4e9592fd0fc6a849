//! What stands in `deploy/`, read so that tests can hold it against the code, the configuration and the runbooks.

pub mod documents;
pub mod expressions;
pub mod metrics;
