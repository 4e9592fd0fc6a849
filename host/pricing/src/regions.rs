//! Regions of the world, as rules know them, by country.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Region number of `wit/rules/columns.md` and the ISO 3166-1 alpha-2 codes of its countries.
const COUNTRIES: &[(u32, &str)] = &[
    // Europe, with Türkiye, Russia and the Caucasus.
    (
        1,
        "AD AL AM AT AX AZ BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GE GG GI GL GR HR HU IE IM IS IT JE LI LT LU LV \
         MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM TR UA VA XK",
    ),
    // Middle East, from Egypt to Iran.
    (2, "AE BH EG IL IQ IR JO KW LB OM PS QA SA SY YE"),
    // Africa and its islands.
    (
        3,
        "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU MW MZ NA NE \
         NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW",
    ),
    // East, South-East and Central Asia.
    (4, "BN CN HK ID JP KG KH KP KR KZ LA MM MN MO MY PH SG TH TJ TL TM TW UZ VN"),
    // South Asia.
    (5, "AF BD BT IN LK MV NP PK"),
    // Oceania.
    (6, "AS AU CC CK CX FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS"),
    // North America.
    (7, "BM CA PM US"),
    // Mexico, Central and South America, the Caribbean.
    (
        8,
        "AG AI AR AW BB BL BO BQ BR BS BZ CL CO CR CU CW DM DO EC FK GD GF GP GT GY HN HT JM KN KY LC MF MQ MS MX NI PA \
         PE PR PY SR SV SX TC TT UY VC VE VG VI",
    ),
];

static REGIONS: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
    COUNTRIES.iter().flat_map(|(region, list)| list.split(' ').map(|country| (country, *region))).collect()
});

/// The number of the region that a country is in; 0 for none known.
pub fn region(country: &str) -> u32 {
    REGIONS.get(country).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use interline_domain::places;
    use std::collections::BTreeSet;

    #[test]
    fn every_country_with_an_airport_is_in_one_region() {
        let countries: BTreeSet<&str> = places::airports().map(|airport| airport.country).collect();
        let nowhere: Vec<_> =
            countries.into_iter().filter(|country| region(country) == 0 && *country != "AQ").collect();
        assert!(nowhere.is_empty(), "{nowhere:?}");
    }

    #[test]
    fn no_country_is_in_two_regions() {
        let all: Vec<_> = COUNTRIES.iter().flat_map(|(_, list)| list.split(' ')).collect();
        assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len());
    }
}
