//! Who flies: carriers, their hubs, how far they go and whom they share codes with.

use Alliance::{None as Alone, Oneworld, SkyTeam, Star};
use Kind::{Full, LowCost};

/// How a carrier sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Several cabins, connections and codeshares.
    Full,
    /// One cabin, bags for sale, no codeshares, not in a GDS.
    LowCost,
}

/// Whom a carrier connects and shares codes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alliance {
    /// Nobody.
    None,
    /// oneworld.
    Oneworld,
    /// SkyTeam.
    SkyTeam,
    /// Star Alliance.
    Star,
}

/// A carrier of the sandbox's world. Real names and hubs; the flights are made up.
#[derive(Debug, PartialEq, Eq)]
pub struct Carrier {
    /// IATA designator.
    pub code: &'static str,
    /// ISO 3166 alpha-2 country.
    pub country: &'static str,
    /// Airports that it flies from to everywhere it serves; the first is the main one.
    pub hubs: &'static [&'static str],
    /// How it sells.
    pub kind: Kind,
    /// Longest flight in kilometres.
    pub reach: u32,
    /// Its alliance.
    pub alliance: Alliance,
}

impl Carrier {
    /// Whether the two sell each other's flights.
    pub fn is_partner_of(&self, other: &Carrier) -> bool {
        self.code == other.code || (self.alliance != Alone && self.alliance == other.alliance)
    }
}

const fn carrier(
    code: &'static str,
    country: &'static str,
    hubs: &'static [&'static str],
    kind: Kind,
    reach: u32,
    alliance: Alliance,
) -> Carrier {
    Carrier { code, country, hubs, kind, reach, alliance }
}

/// Every carrier.
pub const CARRIERS: &[Carrier] = &[
    carrier("GA", "ID", &["CGK", "DPS"], Full, 12_500, SkyTeam),
    carrier("ID", "ID", &["CGK"], Full, 6_000, Alone),
    carrier("JT", "ID", &["CGK", "SUB", "UPG"], LowCost, 5_000, Alone),
    carrier("QZ", "ID", &["CGK", "DPS"], LowCost, 4_500, Alone),
    carrier("SQ", "SG", &["SIN"], Full, 15_500, Star),
    carrier("TR", "SG", &["SIN"], LowCost, 9_500, Alone),
    carrier("MH", "MY", &["KUL"], Full, 11_000, Oneworld),
    carrier("AK", "MY", &["KUL", "PEN"], LowCost, 4_500, Alone),
    carrier("D7", "MY", &["KUL"], LowCost, 9_000, Alone),
    carrier("TG", "TH", &["BKK"], Full, 13_000, Star),
    carrier("FD", "TH", &["DMK"], LowCost, 4_000, Alone),
    carrier("VN", "VN", &["SGN", "HAN"], Full, 13_500, SkyTeam),
    carrier("VJ", "VN", &["SGN", "HAN"], LowCost, 6_500, Alone),
    carrier("PR", "PH", &["MNL"], Full, 13_500, Alone),
    carrier("5J", "PH", &["MNL", "CEB"], LowCost, 6_000, Alone),
    carrier("CX", "HK", &["HKG"], Full, 14_500, Oneworld),
    carrier("UO", "HK", &["HKG"], LowCost, 5_000, Alone),
    carrier("BR", "TW", &["TPE"], Full, 13_500, Star),
    carrier("CI", "TW", &["TPE"], Full, 13_500, SkyTeam),
    carrier("JL", "JP", &["NRT", "HND", "KIX"], Full, 12_500, Oneworld),
    carrier("NH", "JP", &["NRT", "HND", "KIX"], Full, 12_500, Star),
    carrier("MM", "JP", &["KIX", "NRT"], LowCost, 4_500, Alone),
    carrier("ZG", "JP", &["NRT"], LowCost, 9_500, Alone),
    carrier("KE", "KR", &["ICN", "GMP"], Full, 13_500, SkyTeam),
    carrier("OZ", "KR", &["ICN", "GMP"], Full, 12_500, Star),
    carrier("7C", "KR", &["ICN"], LowCost, 4_500, Alone),
    carrier("CA", "CN", &["PEK"], Full, 13_000, Star),
    carrier("MU", "CN", &["PVG", "SHA"], Full, 13_000, SkyTeam),
    carrier("CZ", "CN", &["CAN", "PKX"], Full, 13_500, Alone),
    carrier("AI", "IN", &["DEL", "BOM"], Full, 13_500, Star),
    carrier("6E", "IN", &["DEL", "BOM", "BLR"], LowCost, 6_500, Alone),
    carrier("UL", "LK", &["CMB"], Full, 9_500, Oneworld),
    carrier("QF", "AU", &["SYD", "MEL", "BNE", "PER"], Full, 17_200, Oneworld),
    carrier("VA", "AU", &["SYD", "MEL", "BNE"], Full, 5_000, Alone),
    carrier("JQ", "AU", &["MEL", "SYD"], LowCost, 8_500, Alone),
    carrier("NZ", "NZ", &["AKL"], Full, 14_500, Star),
    carrier("FJ", "FJ", &["NAN"], Full, 10_500, Alone),
    carrier("EK", "AE", &["DXB"], Full, 15_500, Alone),
    carrier("EY", "AE", &["AUH"], Full, 14_000, Alone),
    carrier("FZ", "AE", &["DXB"], LowCost, 5_500, Alone),
    carrier("QR", "QA", &["DOH"], Full, 15_500, Oneworld),
    carrier("SV", "SA", &["JED", "RUH"], Full, 13_000, SkyTeam),
    carrier("GF", "BH", &["BAH"], Full, 7_000, Alone),
    carrier("WY", "OM", &["MCT"], Full, 7_500, Oneworld),
    carrier("KU", "KW", &["KWI"], Full, 11_000, Alone),
    carrier("RJ", "JO", &["AMM"], Full, 10_500, Oneworld),
    carrier("LY", "IL", &["TLV"], Full, 12_500, Alone),
    carrier("TK", "TR", &["IST"], Full, 15_000, Star),
    carrier("PC", "TR", &["SAW"], LowCost, 5_500, Alone),
    carrier("MS", "EG", &["CAI"], Full, 10_500, Star),
    carrier("ET", "ET", &["ADD"], Full, 13_000, Star),
    carrier("KQ", "KE", &["NBO"], Full, 13_700, SkyTeam),
    carrier("SA", "ZA", &["JNB", "CPT"], Full, 10_500, Star),
    carrier("AT", "MA", &["CMN"], Full, 7_500, Oneworld),
    carrier("BA", "GB", &["LHR", "LGW"], Full, 14_500, Oneworld),
    carrier("VS", "GB", &["LHR"], Full, 11_500, SkyTeam),
    carrier("U2", "GB", &["LGW", "LTN", "GVA"], LowCost, 4_500, Alone),
    carrier("FR", "IE", &["DUB", "STN", "BGY"], LowCost, 4_000, Alone),
    carrier("EI", "IE", &["DUB"], Full, 9_500, Alone),
    carrier("AF", "FR", &["CDG", "ORY"], Full, 14_000, SkyTeam),
    carrier("KL", "NL", &["AMS"], Full, 14_000, SkyTeam),
    carrier("LH", "DE", &["FRA", "MUC"], Full, 13_500, Star),
    carrier("EW", "DE", &["DUS", "CGN"], LowCost, 5_000, Alone),
    carrier("LX", "CH", &["ZRH"], Full, 12_500, Star),
    carrier("OS", "AT", &["VIE"], Full, 11_500, Star),
    carrier("SN", "BE", &["BRU"], Full, 8_500, Star),
    carrier("IB", "ES", &["MAD"], Full, 12_500, Oneworld),
    carrier("UX", "ES", &["MAD"], Full, 10_500, SkyTeam),
    carrier("VY", "ES", &["BCN"], LowCost, 4_500, Alone),
    carrier("TP", "PT", &["LIS"], Full, 9_500, Star),
    carrier("AZ", "IT", &["FCO", "LIN"], Full, 11_500, Alone),
    carrier("SK", "SE", &["CPH", "ARN", "OSL"], Full, 10_500, SkyTeam),
    carrier("DY", "NO", &["OSL", "CPH"], LowCost, 4_500, Alone),
    carrier("AY", "FI", &["HEL"], Full, 12_500, Oneworld),
    carrier("LO", "PL", &["WAW"], Full, 10_500, Star),
    carrier("W6", "HU", &["BUD", "WAW", "OTP"], LowCost, 4_800, Alone),
    carrier("A3", "GR", &["ATH"], Full, 5_000, Star),
    carrier("RO", "RO", &["OTP"], Full, 4_500, SkyTeam),
    carrier("FI", "IS", &["KEF"], Full, 7_500, Alone),
    carrier("BT", "LV", &["RIX"], LowCost, 5_000, Alone),
    carrier("AA", "US", &["DFW", "MIA", "ORD", "CLT", "PHX", "JFK"], Full, 13_000, Oneworld),
    carrier("DL", "US", &["ATL", "JFK", "DTW", "MSP", "SLC", "LAX", "SEA"], Full, 14_000, SkyTeam),
    carrier("UA", "US", &["ORD", "IAH", "DEN", "SFO", "EWR", "IAD"], Full, 14_500, Star),
    carrier("B6", "US", &["JFK", "BOS", "FLL"], LowCost, 6_000, Alone),
    carrier("AS", "US", &["SEA", "PDX", "SFO"], Full, 5_500, Oneworld),
    carrier("WN", "US", &["DAL", "MDW", "BWI", "DEN", "LAS"], LowCost, 5_000, Alone),
    carrier("HA", "US", &["HNL"], Full, 8_500, Alone),
    carrier("AC", "CA", &["YYZ", "YUL", "YVR"], Full, 14_000, Star),
    carrier("WS", "CA", &["YYC"], LowCost, 8_500, Alone),
    carrier("AM", "MX", &["MEX"], Full, 12_000, SkyTeam),
    carrier("Y4", "MX", &["MEX", "GDL"], LowCost, 4_500, Alone),
    carrier("AV", "CO", &["BOG"], Full, 9_500, Star),
    carrier("LA", "CL", &["SCL", "LIM", "GRU"], Full, 12_500, Alone),
    carrier("CM", "PA", &["PTY"], Full, 7_000, Star),
    carrier("AR", "AR", &["EZE", "AEP"], Full, 11_500, SkyTeam),
    carrier("G3", "BR", &["GRU", "GIG"], LowCost, 5_500, Alone),
    carrier("AD", "BR", &["VCP"], LowCost, 8_500, Alone),
];

/// Cities that are nobody's hub, and that many fly to.
pub const CITIES: &[&str] = &[
    "ABJ", "ABV", "ACC", "ADB", "ADL", "AGP", "ALA", "ALC", "ALG", "AUS", "AYT", "BEG", "BER", "BGO", "BHX", "BKI",
    "BLQ", "BNA", "BPN", "BRS", "BSB", "BVA", "CBR", "CCU", "CHC", "CIA", "CJU", "CKG", "CNS", "CNX", "COK", "CRL",
    "CTA", "CTS", "CTU", "CUN", "DAC", "DAD", "DAR", "DCA", "DME", "DMM", "DSS", "DUR", "DVO", "EBB", "EDI", "EIN",
    "ESB", "EVN", "FAO", "FOR", "FUK", "GDN", "GLA", "GOT", "GYD", "GYE", "HAM", "HAV", "HER", "HGH", "HKT", "HLP",
    "HOU", "HRE", "HYD", "ISB", "ITM", "JTR", "KBP", "KCH", "KGL", "KHH", "KHI", "KMG", "KNO", "KRK", "KTM", "LCA",
    "LCY", "LED", "LGA", "LGK", "LHE", "LJU", "LOS", "LPA", "LUN", "LYS", "MAA", "MAN", "MCO", "MDC", "MED", "MFM",
    "MLE", "MRS", "MRU", "MXP", "NAP", "NCE", "NGO", "NQZ", "OAK", "OKA", "OOL", "OPO", "PDG", "PHL", "PLM", "PMI",
    "PMO", "POA", "PRG", "PUS", "RAK", "REC", "RGN", "RHO", "RUN", "SAN", "SDQ", "SEZ", "SJC", "SJO", "SJU", "SOF",
    "SRG", "SSA", "STR", "SVO", "SVQ", "SZX", "TAO", "TAS", "TBS", "TFS", "TIA", "TLL", "TLS", "TPA", "TUN", "UIO",
    "USM", "VCE", "VLC", "VNO", "VTE", "WLG", "WUH", "XIY", "XMN", "YHZ", "YIA", "YOW", "ZAG", "ZQN",
];

/// The carrier of this designator.
pub fn by_code(code: &str) -> Option<&'static Carrier> {
    CARRIERS.iter().find(|carrier| carrier.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_carrier_and_airport_is_a_real_one() {
        for carrier in CARRIERS {
            assert!(interline_domain::airlines::airline(carrier.code).is_some(), "{}", carrier.code);
            assert!(carrier.hubs.iter().all(|hub| interline_domain::places::airport(hub).is_some()), "{carrier:?}");
        }
        for city in CITIES {
            assert!(interline_domain::places::airport(city).is_some(), "{city}");
        }
    }
}
