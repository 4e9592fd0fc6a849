//! Ids of the columns that facts are told in: `wit/rules/columns.md`.

macro_rules! columns {
    ($($constant:ident = $id:literal $name:literal;)*) => {
        $(#[doc = $name] pub const $constant: u16 = $id;)*

        #[cfg(test)]
        const ALL: &[(u16, &str)] = &[$(($id, $name)),*];
    };
}

columns! {
    NOW = 1 "now";
    DISPLAY_CURRENCY = 2 "display-currency";
    DISPLAY_EXPONENT = 3 "display-exponent";
    THOUSAND_EURO = 4 "thousand-euro";
    POINT_OF_SALE = 5 "point-of-sale";
    CHANNEL = 6 "channel";
    CUSTOMER_SEGMENT = 7 "customer-segment";
    ADULTS = 10 "adults";
    CHILDREN = 11 "children";
    INFANTS = 12 "infants";
    SLICES = 13 "slices";
    NET_TOTAL = 100 "net-total";
    NET_BASE = 101 "net-base";
    NET_TAXES = 102 "net-taxes";
    DEPARTS_AT = 110 "departs-at";
    VALIDATING_CARRIER = 120 "validating-carrier";
    MARKETING_CARRIER = 121 "marketing-carrier";
    OPERATING_CARRIER = 122 "operating-carrier";
    ORIGIN = 130 "origin";
    DESTINATION = 131 "destination";
    ORIGIN_COUNTRY = 132 "origin-country";
    DESTINATION_COUNTRY = 133 "destination-country";
    ORIGIN_REGION = 134 "origin-region";
    DESTINATION_REGION = 135 "destination-region";
    ROUTE = 136 "route";
    CABIN = 140 "cabin";
    BRAND = 141 "brand";
    FLIGHTS = 142 "flights";
    REFUNDABLE = 143 "refundable";
    PASSENGER = 144 "passenger";
    PAID_TOTAL = 200 "paid-total";
    SUPPLIER_PENALTY = 201 "supplier-penalty";
    PENALTY_KNOWN = 202 "penalty-known";
    PASSENGERS = 203 "passengers";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_are_those_of_the_registry() {
        let cells = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
        let rows = include_str!("../../../wit/rules/columns.md").lines().map(cells).filter(|cells| cells.len() > 5);
        let registered: Vec<(u16, &str)> =
            rows.filter_map(|cells| Some((cells[1].parse().ok()?, cells[2].trim_matches('`')))).collect();
        assert_eq!(ALL, registered);
    }
}
