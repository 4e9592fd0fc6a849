//! `DataLists`: everything that offers and orders refer to, found by id at once.

use crate::read;
use interline_plugin_sdk::xml::Element;
use std::collections::HashMap;

type Index<'a> = HashMap<&'a str, &'a Element>;

/// The lists of a message.
#[derive(Debug, Default)]
pub struct Lists<'a> {
    /// `Pax`, in order.
    pub pax: Vec<&'a Element>,
    /// `PaxSegment`, in order.
    pub segments_in_order: Vec<&'a Element>,
    segments: Index<'a>,
    marketing: Index<'a>,
    operating: Index<'a>,
    legs: Index<'a>,
    journeys: Index<'a>,
    price_classes: Index<'a>,
    baggage: Index<'a>,
    penalties: Index<'a>,
    /// Journeys by their first segment, for offers that name no journeys.
    beginning: HashMap<&'a str, Vec<&'a Element>>,
}

impl<'a> Lists<'a> {
    /// The lists of a `Response`; none there are empty ones.
    pub fn of(response: &'a Element) -> Self {
        let Some(lists) = response.child("DataLists") else { return Self::default() };
        let index = |path: &'a str, id: &str| -> Index<'a> {
            lists.all(path).into_iter().filter_map(|one| Some((read::text(one, id)?, one))).collect()
        };
        let mut beginning: HashMap<&'a str, Vec<&'a Element>> = HashMap::new();
        for journey in lists.all("PaxJourneyList/PaxJourney") {
            if let Some(first) = read::text(journey, "PaxSegmentRefID") {
                beginning.entry(first).or_default().push(journey);
            }
        }
        Self {
            pax: lists.all("PaxList/Pax"),
            segments_in_order: lists.all("PaxSegmentList/PaxSegment"),
            segments: index("PaxSegmentList/PaxSegment", "PaxSegmentID"),
            marketing: index("DatedMarketingSegmentList/DatedMarketingSegment", "DatedMarketingSegmentID"),
            operating: index("DatedOperatingSegmentList/DatedOperatingSegment", "DatedOperatingSegmentID"),
            legs: index("DatedOperatingLegList/DatedOperatingLeg", "DatedOperatingLegID"),
            journeys: index("PaxJourneyList/PaxJourney", "PaxJourneyID"),
            price_classes: index("PriceClassList/PriceClass", "PriceClassID"),
            baggage: index("BaggageAllowanceList/BaggageAllowance", "BaggageAllowanceID"),
            penalties: index("PenaltyList/Penalty", "PenaltyID"),
            beginning,
        }
    }

    /// `PaxSegment`
    pub fn segment(&self, id: &str) -> Option<&'a Element> {
        self.segments.get(id).copied()
    }

    /// `PaxJourney`
    pub fn journey(&self, id: &str) -> Option<&'a Element> {
        self.journeys.get(id).copied()
    }

    /// The longest journey whose segments these begin with.
    pub fn journey_along(&self, segments: &[&str]) -> Option<&'a Element> {
        let candidates = self.beginning.get(*segments.first()?)?;
        let fitting = candidates.iter().filter_map(|journey| {
            let own = read::texts(journey, "PaxSegmentRefID");
            segments.starts_with(&own).then_some((own.len(), *journey))
        });
        fitting.max_by_key(|(length, _)| *length).map(|(_, journey)| journey)
    }

    /// The marketed flight of a `PaxSegment`; the segment itself where it holds the flight.
    pub fn marketed(&self, segment: &'a Element) -> Option<&'a Element> {
        match read::text(segment, "DatedMarketingSegmentRefID") {
            Some(id) => self.marketing.get(id).copied(),
            None => Some(segment),
        }
    }

    /// The flight as it is operated.
    pub fn operated(&self, marketed: &'a Element) -> Option<&'a Element> {
        self.operating.get(read::text(marketed, "DatedOperatingSegmentRefID")?).copied()
    }

    /// Its legs.
    pub fn legs(&self, operated: &'a Element) -> Vec<&'a Element> {
        let ids = read::texts(operated, "DatedOperatingLegRefID");
        ids.into_iter().filter_map(|id| self.legs.get(id).copied()).collect()
    }

    /// Commercial name of a fare family.
    pub fn brand(&self, price_class: &str) -> Option<&'a str> {
        let class = self.price_classes.get(price_class)?;
        class.child_text("Name").or(class.child_text("Code"))
    }

    /// `BaggageAllowance`
    pub fn allowance(&self, id: &str) -> Option<&'a Element> {
        self.baggage.get(id).copied()
    }

    /// `Penalty`
    pub fn penalty(&self, id: &str) -> Option<&'a Element> {
        self.penalties.get(id).copied()
    }
}
