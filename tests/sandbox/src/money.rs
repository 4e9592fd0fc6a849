//! Amounts in minor units, their decimals, and the sandbox's own fixed rates of exchange.

/// Units of each currency for one US dollar, and the step in minor units that fares in it are rounded to.
const RATES: &[(&str, f64, i64)] = &[
    ("USD", 1.0, 1),
    ("EUR", 0.92, 1),
    ("GBP", 0.79, 1),
    ("JPY", 150.0, 10),
    ("KRW", 1380.0, 100),
    ("IDR", 16200.0, 100_000),
    ("SGD", 1.34, 5),
    ("AUD", 1.52, 1),
    ("NZD", 1.66, 1),
    ("MYR", 4.4, 1),
    ("THB", 35.0, 500),
    ("CHF", 0.88, 5),
    ("CAD", 1.36, 1),
    ("AED", 3.67, 100),
    ("SAR", 3.75, 100),
    ("CNY", 7.2, 100),
    ("HKD", 7.8, 100),
    ("TWD", 32.0, 100),
    ("INR", 84.0, 100),
    ("SEK", 10.5, 100),
    ("NOK", 10.8, 100),
    ("DKK", 6.9, 100),
    ("PLN", 4.0, 1),
    ("ZAR", 18.5, 100),
    ("BRL", 5.1, 1),
    ("KWD", 0.307, 50),
    ("BHD", 0.376, 50),
    ("VND", 25000.0, 1000),
];

/// A currency that the sandbox sells in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Currency {
    /// ISO 4217, upper case.
    pub code: &'static str,
    /// Decimals, as ISO 4217 has them.
    pub exponent: u32,
    per_dollar: f64,
    step: i64,
}

impl Currency {
    /// The currency of this code, upper case, if the sandbox sells in it.
    pub fn of(code: &str) -> Option<Currency> {
        let (code, per_dollar, step) = RATES.iter().find(|(known, _, _)| *known == code)?;
        Some(Currency { code, exponent: exponent(code), per_dollar: *per_dollar, step: *step })
    }

    /// US dollars, in which all fares are first thought of.
    pub fn dollars() -> Currency {
        Currency { code: "USD", exponent: 2, per_dollar: 1.0, step: 1 }
    }

    /// US cents in this currency's minor units, rounded to the step that fares in it are sold in.
    pub fn from_cents(&self, cents: i64) -> i64 {
        let minor = (cents as f64 / 100.0 * self.per_dollar * 10_f64.powi(self.exponent.cast_signed())).round() as i64;
        let steps = (minor + self.step / 2).div_euclid(self.step);
        let least = i64::from(cents > 0);
        steps.max(least) * self.step
    }

    /// The decimal that a wire carries: `12345` of EUR is `123.45`.
    pub fn decimal(&self, minor: i64) -> String {
        decimal(minor, self.exponent)
    }
}

/// Decimals of a currency, as ISO 4217 has them.
pub fn exponent(code: &str) -> u32 {
    match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Minor units as a decimal number.
pub fn decimal(minor: i64, exponent: u32) -> String {
    if exponent == 0 {
        return minor.to_string();
    }
    let unit = 10_u64.pow(exponent);
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    let width = exponent as usize;
    format!("{sign}{}.{:0width$}", minor / unit, minor % unit)
}

/// A decimal number as minor units; none if it isn't one, or has more decimals than the currency.
pub fn parse(text: &str, exponent: u32) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let (kept, dropped) = fraction.split_at(fraction.len().min(exponent as usize));
    if dropped.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let padded = format!("{whole}{kept:0<width$}", width = exponent as usize);
    padded.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_go_there_and_back() {
        for (text, exponent, minor) in
            [("123.45", 2, 12345), ("5000", 0, 5000), ("1.005", 3, 1005), ("0.07", 2, 7), ("12.5", 2, 1250)]
        {
            assert_eq!(parse(text, exponent), Some(minor));
        }
        assert_eq!(parse("12.345", 2), None);
        assert_eq!(parse("-1", 2), None);
        assert_eq!(decimal(7, 2), "0.07");
        assert_eq!(decimal(1005, 3), "1.005");
        assert_eq!(decimal(5000, 0), "5000");
    }

    #[test]
    fn fares_keep_their_currencys_decimals_and_step() {
        let in_currency = |code| Currency::of(code).map(|currency| currency.decimal(currency.from_cents(12_345)));
        assert_eq!(in_currency("JPY").as_deref(), Some("18520"));
        assert_eq!(in_currency("IDR").as_deref(), Some("2000000.00"));
        assert_eq!(in_currency("KWD").as_deref(), Some("37.900"));
        assert_eq!(in_currency("USD").as_deref(), Some("123.45"));
    }
}
