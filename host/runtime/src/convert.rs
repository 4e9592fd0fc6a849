//! Contract types to domain types and back. What a component answers is believed only as far as it is checked here.

pub(crate) mod faults;
pub(crate) mod flights;
pub(crate) mod offers;
pub(crate) mod orders;
pub(crate) mod payments;
pub(crate) mod rules;
pub(crate) mod values;

/// What in an answer breaks the contract; for the integration team.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Broken(pub(crate) String);

impl Broken {
    /// The same, found at `place`.
    fn at(self, place: &str) -> Self {
        Self(format!("{place}: {}", self.0))
    }
}

impl From<Broken> for crate::call::Refused {
    fn from(broken: Broken) -> Self {
        Self::Stop(crate::stop::Stop::Garbage(broken.0))
    }
}

/// A length that the contract promises, or that nothing sensible goes beyond.
pub(crate) fn bounded(text: String, most: usize, what: &str) -> Result<String, Broken> {
    if text.len() > most {
        return Err(Broken(format!("{what} of {} bytes", text.len())));
    }
    Ok(text)
}
