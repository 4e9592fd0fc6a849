//! A trip within a scope: what the in-process level is keyed by, without making the text of the broad key on every search.

use interline_domain::trip::{SearchKey, SupplierScope, Trip};
use moka::Equivalent;

/// Owned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Route {
    pub trip: Trip,
    pub scope: SupplierScope,
}

/// Borrowed; hashes as [`Route`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RouteRef<'a> {
    pub trip: &'a Trip,
    pub scope: &'a SupplierScope,
}

impl Route {
    pub fn key(&self) -> SearchKey {
        SearchKey::new(&self.trip, &self.scope)
    }
}

impl RouteRef<'_> {
    pub fn to_owned(self) -> Route {
        Route { trip: self.trip.clone(), scope: self.scope.clone() }
    }
}

impl Equivalent<Route> for RouteRef<'_> {
    fn equivalent(&self, route: &Route) -> bool {
        *self.trip == route.trip && *self.scope == route.scope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use interline_domain::passengers::PassengerMix;
    use interline_domain::trip::{Cabin, SliceQuery};
    use std::hash::BuildHasher;

    #[test]
    fn a_borrowed_route_hashes_as_the_owned_one() {
        let slice = SliceQuery {
            origin: "CGK".parse().unwrap(),
            destination: "NRT".parse().unwrap(),
            departure_date: "2027-01-20".parse().unwrap(),
        };
        let trip = Trip::new(vec![slice], PassengerMix::new(2, vec![7], 1).unwrap(), Cabin::Economy).unwrap();
        let scope = SupplierScope { credential_set: "main".into(), point_of_sale: "ID".into(), currency: None };
        let borrowed = RouteRef { trip: &trip, scope: &scope };
        let state = std::hash::RandomState::new();
        assert_eq!(state.hash_one(borrowed), state.hash_one(borrowed.to_owned()));
        assert!(borrowed.equivalent(&borrowed.to_owned()));
    }
}
