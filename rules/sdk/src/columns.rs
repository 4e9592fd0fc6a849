//! Columns by name: `wit/rules/columns.md`, for Rust. Ids are never used again for another meaning.

/// A column or constant that is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// In tables.
    pub id: u16,
    /// In the registry.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The same for all rows.
    Constant,
    /// Codes and small numbers.
    Codes,
    /// Amounts, times and durations.
    Amounts,
}

macro_rules! columns {
    ($($(#[$doc:meta])* $constant:ident = $id:literal $name:literal $kind:ident;)*) => {
        $($(#[$doc])* pub const $constant: u16 = $id;)*

        /// All of them, by id.
        pub const ALL: &[Registered] = &[$(Registered { id: $id, name: $name, kind: Kind::$kind }),*];
    };
}

columns! {
    /// Minutes since 1970: the time that rules go by.
    NOW = 1 "now" Constant;
    /// Code of the currency that all amounts are in.
    DISPLAY_CURRENCY = 2 "display-currency" Constant;
    /// Decimals of that currency.
    DISPLAY_EXPONENT = 3 "display-exponent" Constant;
    /// Minor units of the display currency for 1 000 euro.
    THOUSAND_EURO = 4 "thousand-euro" Constant;
    /// Code of the country of sale.
    POINT_OF_SALE = 5 "point-of-sale" Constant;
    /// See [`channel`].
    CHANNEL = 6 "channel" Constant;
    /// See [`segment`].
    CUSTOMER_SEGMENT = 7 "customer-segment" Constant;
    /// Number of adults.
    ADULTS = 10 "adults" Constant;
    /// Number of children.
    CHILDREN = 11 "children" Constant;
    /// Number of infants on a lap.
    INFANTS = 12 "infants" Constant;
    /// Number of slices asked for.
    SLICES = 13 "slices" Constant;

    /// The supplier's total.
    NET_TOTAL = 100 "net-total" Amounts;
    /// Of it, the fare.
    NET_BASE = 101 "net-base" Amounts;
    /// Of it, taxes and fees.
    NET_TAXES = 102 "net-taxes" Amounts;
    /// Minutes since 1970 of the first departure.
    DEPARTS_AT = 110 "departs-at" Amounts;
    /// Carrier that validates the ticket.
    VALIDATING_CARRIER = 120 "validating-carrier" Codes;
    /// Carrier that sells the (first) segment.
    MARKETING_CARRIER = 121 "marketing-carrier" Codes;
    /// Carrier that flies the (first) segment.
    OPERATING_CARRIER = 122 "operating-carrier" Codes;
    /// Airport.
    ORIGIN = 130 "origin" Codes;
    /// Airport.
    DESTINATION = 131 "destination" Codes;
    /// Country of the origin.
    ORIGIN_COUNTRY = 132 "origin-country" Codes;
    /// Country of the destination.
    DESTINATION_COUNTRY = 133 "destination-country" Codes;
    /// See [`region`].
    ORIGIN_REGION = 134 "origin-region" Codes;
    /// See [`region`].
    DESTINATION_REGION = 135 "destination-region" Codes;
    /// See [`route`].
    ROUTE = 136 "route" Codes;
    /// See [`cabin`].
    CABIN = 140 "cabin" Codes;
    /// See [`brand`].
    BRAND = 141 "brand" Codes;
    /// Most flights on a slice: 1 is non-stop.
    FLIGHTS = 142 "flights" Codes;
    /// See [`known`].
    REFUNDABLE = 143 "refundable" Codes;
    /// See [`passenger`].
    PASSENGER = 144 "passenger" Codes;

    /// What the traveller paid.
    PAID_TOTAL = 200 "paid-total" Amounts;
    /// What the supplier keeps.
    SUPPLIER_PENALTY = 201 "supplier-penalty" Amounts;
    /// Whether the supplier told its penalty; see [`known`].
    PENALTY_KNOWN = 202 "penalty-known" Codes;
    /// Number of passengers.
    PASSENGERS = 203 "passengers" Codes;
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $module:ident { $($(#[$one:meta])* $constant:ident = $value:literal),* $(,)? })*) => {
        $($(#[$doc])* pub mod $module { $($(#[$one])* pub const $constant: u32 = $value;)* })*
    };
}

numbers! {
    /// How it is sold.
    channel {
        /// Own web site.
        WEB = 1,
        /// Own app.
        APP = 2,
        /// A person at a desk or on the phone.
        AGENT = 3,
        /// Another company's frontend.
        PARTNER = 4,
    }
    /// To whom it is sold.
    segment {
        /// Anybody.
        RETAIL = 1,
        /// Who signed up.
        MEMBER = 2,
        /// A company.
        CORPORATE = 3,
    }
    /// Where in the world.
    region {
        /// With Türkiye and Russia.
        EUROPE = 1,
        /// From Egypt to Iran.
        MIDDLE_EAST = 2,
        /// But for Egypt.
        AFRICA = 3,
        /// With Central Asia.
        ASIA = 4,
        /// From Pakistan to Bangladesh, and the islands.
        SOUTH_ASIA = 5,
        /// Australia, New Zealand and the islands.
        OCEANIA = 6,
        /// United States and Canada.
        NORTH_AMERICA = 7,
        /// From Mexico down, and the Caribbean.
        LATIN_AMERICA = 8,
    }
    /// How far a journey goes.
    route {
        /// Within a country.
        DOMESTIC = 1,
        /// Within a region.
        REGIONAL = 2,
        /// From region to region.
        INTERCONTINENTAL = 3,
    }
    /// Cabin of service: the lowest of an offer.
    cabin {
        /// Y.
        ECONOMY = 1,
        /// W.
        PREMIUM_ECONOMY = 2,
        /// C.
        BUSINESS = 3,
        /// F.
        FIRST = 4,
    }
    /// Fare family, by its commercial name.
    brand {
        /// Without checked baggage, by its name (light, basic, saver).
        LIGHT = 1,
        /// Any other.
        STANDARD = 2,
        /// Changeable and refundable, by its name (flex, full).
        FLEX = 3,
    }
    /// A condition.
    known {
        /// It is so.
        YES = 1,
        /// It is not.
        NO = 2,
    }
    /// Passenger type.
    passenger {
        /// ADT.
        ADULT = 1,
        /// CHD.
        CHILD = 2,
        /// INF, on a lap.
        INFANT = 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = include_str!("../../../wit/rules/columns.md");

    /// The registry's rows: | id | name | kind | …
    fn registered() -> Vec<(u16, &'static str, &'static str)> {
        let cells = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
        let rows = REGISTRY.lines().map(cells).filter(|cells| cells.len() > 5);
        rows.filter_map(|cells| Some((cells[1].parse().ok()?, cells[2].trim_matches('`'), cells[3]))).collect()
    }

    #[test]
    fn the_registry_and_the_constants_say_the_same() {
        let kind = |kind| match kind {
            Kind::Constant => "constant",
            Kind::Codes => "codes",
            Kind::Amounts => "amounts",
        };
        let here: Vec<_> = ALL.iter().map(|column| (column.id, column.name, kind(column.kind))).collect();
        assert_eq!(here, registered());
    }

    #[test]
    fn no_id_and_no_name_stands_for_two_things() {
        for (at, one) in ALL.iter().enumerate() {
            assert!(ALL[..at].iter().all(|other| other.id < one.id && other.name != one.name), "{}", one.name);
        }
    }
}
