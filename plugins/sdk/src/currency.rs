//! ISO 4217 exponents.

/// The number of decimals that ISO 4217 gives a code; none if it is not three upper-case letters. Whether the code is in
/// use is the host's to say.
pub fn exponent(code: &str) -> Option<u8> {
    if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    Some(match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use iso_currency::Currency;

    #[test]
    fn the_table_agrees_with_iso_4217() {
        let letters = || 'A'..='Z';
        let codes = letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}"))));
        let mut known = 0;
        for currency in codes.filter_map(|code| Currency::from_code(&code)) {
            // Metals, funds and test codes have no exponent, and no fare.
            if let Some(iso) = currency.exponent() {
                assert_eq!(exponent(currency.code()).map(u16::from), Some(iso), "{}", currency.code());
                known += 1;
            }
        }
        assert!(known > 150);
    }

    #[test]
    fn what_is_not_a_code_has_no_exponent() {
        for text in ["", "EU", "eur", "EURO", "E1R", "€"] {
            assert_eq!(exponent(text), None, "{text}");
        }
    }
}
