//! Where offers come from: a trait, so that the write path knows nothing of the read path.

use async_trait::async_trait;
use interline_domain::money::Money;
use interline_domain::offer::SupplierReply;
use interline_domain::trip::{SupplierScope, Trip};
use interline_pricing::{PricedOffer, PricingContext};
use interline_runtime::PluginVersion;

/// Finds the offer that an offer id stands for.
#[async_trait]
pub trait OfferFinder: Send + Sync {
    /// The offer as it was shown, with what its supplier needs to price it again.
    async fn find(&self, offer_id: &str) -> Result<FoundOffer, OfferLookupError>;
}

/// An offer as it was shown.
#[derive(Debug, Clone)]
pub struct FoundOffer {
    /// What was searched for.
    pub trip: Trip,
    /// What else the supplier's answer depended on.
    pub scope: SupplierScope,
    /// Whom the price was for.
    pub context: PricingContext,
    /// The supplier that sells it.
    pub supplier: String,
    /// The supplier's reply, with this one offer in it.
    pub reply: SupplierReply,
    /// Its price, as far as it was shown.
    pub priced: PricedOffer,
    /// The price that the traveller saw.
    pub shown: Money,
    /// The component version that answered the search.
    pub plugin_version: PluginVersion,
}

/// Why an offer id leads to no offer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfferLookupError {
    /// Not an offer id, or one that was tampered with.
    #[error("this is not an offer id of ours")]
    Unknown,
    /// Too old.
    #[error("the offer id has expired")]
    Expired,
    /// Its data are gone, and a new search finds no such offer any more.
    #[error("the offer is not sold any more")]
    Gone,
    /// The search could not be made again; it may be tried once more.
    #[error("the offer cannot be looked up just now: {0}")]
    Unavailable(String),
}
