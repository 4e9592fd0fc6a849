//! Where a page ended: the sort key and identity of its last offer. The next page goes on after it, in whatever view there
//! is by then.

use crate::error::SearchError;
use crate::offer_id::OfferSigner;
use crate::request::SearchRequest;
use crate::sieve::Match;
use crate::view::priced::PricedView;
use interline_domain::itinerary::Fingerprint;
use interline_domain::trip::SearchKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Signed, so that what comes back is what was given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// First bytes of a hash of all that must not change from page to page.
    search: [u8; 8],
    key: i64,
    last: [u8; 16],
}

/// What pages of one search have in common: trip, whom for, filters and order. Not the rate table or the limit.
fn identity(request: &SearchRequest) -> [u8; 8] {
    let context = &request.context;
    let key = SearchKey::new(&request.trip, &request.scope);
    let common = (
        "page",
        key.as_str(),
        (&context.point_of_sale, &context.channel, &context.customer_segment, context.display_currency),
        &request.filters,
        request.sort,
    );
    let digest = Sha256::digest(postcard::to_stdvec(&common).unwrap_or_default());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    first
}

/// Index of the first match of the request's page.
pub fn start(
    request: &SearchRequest,
    view: &PricedView,
    matches: &[Match],
    signer: &OfferSigner,
) -> Result<usize, SearchError> {
    let Some(cursor) = &request.cursor else { return Ok(0) };
    let bytes = signer.verify_bytes(cursor).map_err(|_| SearchError::BadCursor)?;
    let cursor: Cursor = postcard::from_bytes(&bytes).map_err(|_| SearchError::BadCursor)?;
    if cursor.search != identity(request) {
        return Err(SearchError::BadCursor);
    }
    let last = (cursor.key, Fingerprint(cursor.last));
    Ok(matches.partition_point(|found| (found.key, view.columns.fingerprint[found.group as usize]) <= last))
}

/// The cursor of the page after the one that ends with `last`.
pub fn after(request: &SearchRequest, view: &PricedView, last: &Match, signer: &OfferSigner) -> String {
    let fingerprint = view.columns.fingerprint[last.group as usize];
    let cursor = Cursor { search: identity(request), key: last.key, last: fingerprint.0 };
    signer.sign_bytes(postcard::to_stdvec(&cursor).unwrap_or_default())
}
