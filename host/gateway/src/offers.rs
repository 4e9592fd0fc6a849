//! Where the write path finds offers: in the read path, which it does not know.

use async_trait::async_trait;
use interline_booking::{FoundOffer, OfferFinder, OfferLookupError};
use interline_search::{OfferError, SearchService};

/// Finds offers with the read path.
pub struct SearchedOffers(pub SearchService);

#[async_trait]
impl OfferFinder for SearchedOffers {
    async fn find(&self, offer_id: &str) -> Result<FoundOffer, OfferLookupError> {
        let found = self.0.find_offer(offer_id).await.map_err(|error| match error {
            OfferError::Malformed | OfferError::Forged => OfferLookupError::Unknown,
            OfferError::Expired => OfferLookupError::Expired,
            OfferError::Gone => OfferLookupError::Gone,
            error @ (OfferError::Unavailable { .. } | OfferError::Pricing(_)) => {
                OfferLookupError::Unavailable(error.to_string())
            }
        })?;
        Ok(FoundOffer {
            trip: found.trip,
            scope: found.scope,
            context: found.context,
            supplier: found.supplier,
            reply: found.reply,
            priced: found.priced,
            shown: found.shown,
            plugin_version: found.plugin_version,
        })
    }
}
