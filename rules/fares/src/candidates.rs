//! Rules by carrier: of ten thousand an offer meets those of its own carrier, and those of any.

use crate::condition::{Kind, Offer, Sale, When};
use crate::terms::{COMMISSIONS, Commission, DISCOUNTS, Discount, FEES, Fee, MARKUPS, Markup};
use interline_rules_sdk::code::pack;
use std::collections::{BTreeMap, BTreeSet};

/// Terms, laid out to be looked up. Made once for each instance.
#[derive(Debug)]
pub struct Terms {
    /// Offers of all other carriers.
    others: Candidates,
    /// By code of the carrier.
    carriers: BTreeMap<u32, Candidates>,
}

/// The rules that an offer of one carrier may be priced by, each kind in its order.
#[derive(Debug)]
struct Candidates {
    markups: Vec<Markup>,
    fees: Vec<Fee>,
    discounts: Vec<Discount>,
    commissions: Vec<Commission>,
    /// Those of their conditions whose answer may change by the passing of time.
    timed: Vec<When>,
}

/// Of these the ones that are for offers of a kind: what of two hundred rules is left to be held against each offer.
pub(crate) struct Meant<'a> {
    pub markups: Vec<&'a Markup>,
    pub fees: Vec<&'a Fee>,
    pub discounts: Vec<&'a Discount>,
    pub commissions: Vec<&'a Commission>,
    /// Of those that depend on how long before departure the sale is: from and until how many minutes.
    pub leads: Vec<(i64, i64)>,
    /// The next minute from which another of them holds, whenever the offer flies; the last there is for none.
    pub sold_until: i64,
}

impl Meant<'_> {
    /// The next minute after now from which the answer for an offer may be another; the last there is for none.
    pub fn changes_at(&self, sale: &Sale, offer: &Offer) -> i64 {
        if offer.departs_at == 0 {
            return self.sold_until;
        }
        // With `minutes` to go a span begins or ends, so the answer is another one minute later.
        let ahead = |minutes: i64| {
            let moment = offer.departs_at.saturating_sub(minutes).saturating_add(1);
            if moment > sale.now { moment } else { i64::MAX }
        };
        self.leads.iter().fold(self.sold_until, |next, (from, until)| next.min(ahead(*from)).min(ahead(*until)))
    }
}

impl Terms {
    /// The agency's own.
    pub fn of_the_agency() -> Self {
        Self::new(MARKUPS, FEES, DISCOUNTS, COMMISSIONS)
    }

    /// Of these rules; the order of each list counts.
    pub fn new(markups: &[Markup], fees: &[Fee], discounts: &[Discount], commissions: &[Commission]) -> Self {
        let for_carrier = |carrier: Option<u32>| {
            let meets = |when: &When| when.carriers.is_empty() || carrier.is_some_and(|code| when.is_of(code));
            let markups: Vec<_> = markups.iter().filter(|rule| meets(&rule.when)).copied().collect();
            let fees: Vec<_> = fees.iter().filter(|rule| meets(&rule.when)).copied().collect();
            let discounts: Vec<_> = discounts.iter().filter(|rule| meets(&rule.when)).copied().collect();
            let commissions: Vec<_> = commissions.iter().filter(|rule| meets(&rule.when)).copied().collect();
            let all = markups.iter().map(|rule| rule.when).chain(fees.iter().map(|rule| rule.when));
            let all = all.chain(discounts.iter().map(|rule| rule.when)).chain(commissions.iter().map(|rule| rule.when));
            let timed = all.filter(|when| when.lead.is_some() || when.sold.is_some()).collect();
            Candidates { markups, fees, discounts, commissions, timed }
        };
        let named = markups.iter().map(|rule| rule.when).chain(fees.iter().map(|rule| rule.when));
        let named = named.chain(discounts.iter().map(|rule| rule.when)).chain(commissions.iter().map(|rule| rule.when));
        let codes: BTreeSet<u32> = named.flat_map(|when| when.carriers).map(|code| pack(code)).collect();
        let carriers = codes.into_iter().map(|code| (code, for_carrier(Some(code)))).collect();
        Self { others: for_carrier(None), carriers }
    }

    /// For offers of a kind in a sale.
    pub(crate) fn meant_for(&self, kind: Kind, sale: &Sale) -> Meant<'_> {
        let candidates = self.carriers.get(&kind.carrier).unwrap_or(&self.others);
        let is_meant = |when: &When| when.is_for(sale, kind);
        let timed = || candidates.timed.iter().filter(|when| is_meant(when));
        let sold = timed().filter_map(|when| when.sold).flat_map(|(from, until)| [from, until]);
        Meant {
            markups: candidates.markups.iter().filter(|rule| is_meant(&rule.when)).collect(),
            fees: candidates.fees.iter().filter(|rule| is_meant(&rule.when)).collect(),
            discounts: candidates.discounts.iter().filter(|rule| is_meant(&rule.when)).collect(),
            commissions: candidates.commissions.iter().filter(|rule| is_meant(&rule.when)).collect(),
            leads: timed().filter_map(|when| when.lead).collect(),
            sold_until: sold.filter(|moment| *moment > sale.now).min().unwrap_or(i64::MAX),
        }
    }
}
