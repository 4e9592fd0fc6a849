//! A search as the API hands it over.

use crate::filter::Filters;
use interline_domain::trip::{SupplierScope, Trip};
use interline_pricing::PricingContext;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A search: what to ask suppliers, whom to price for, what to show of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SearchRequest {
    /// Slices, passengers, cabin.
    pub trip: Trip,
    /// What else changes the suppliers' answer.
    pub scope: SupplierScope,
    /// Whom the price is for, and in which currency.
    pub context: PricingContext,
    /// What to leave out.
    pub filters: Filters,
    /// Order of the offers.
    pub sort: Sort,
    /// Offers a page, 1 to [`SearchRequest::MAX_LIMIT`]; others are brought into that range.
    pub limit: u16,
    /// Other fares shown of each offer, at most [`SearchRequest::MAX_ALTERNATIVES`].
    pub alternatives: u8,
    /// From the page before.
    pub cursor: Option<String>,
}

impl SearchRequest {
    /// The most offers of one page.
    pub const MAX_LIMIT: u16 = 200;

    /// The most other fares of one offer: a page does not grow with all that is sold on the same flights.
    pub const MAX_ALTERNATIVES: u8 = 50;

    /// Fares shown of each offer.
    pub(crate) fn fares(&self) -> usize {
        1 + usize::from(self.alternatives.min(Self::MAX_ALTERNATIVES))
    }

    pub(crate) fn page_size(&self) -> usize {
        usize::from(self.limit.clamp(1, Self::MAX_LIMIT))
    }
}

/// Order of offers, ascending. Equal ones stay in a fixed order over all pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Total of the cheapest fare that passes the filters.
    #[default]
    Price,
    /// Travel time of all slices together.
    Duration,
    /// Departure of the first slice.
    Departure,
    /// Arrival of the first slice.
    Arrival,
}
