//! Rules of single values: names, addresses, numbers, countries.

use jiff::civil::Date;

/// Countries and territories: ISO 3166-1 alpha-2 codes in force, two letters each.
const COUNTRIES: &str = "\
    ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZ\
    DEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISIT\
    JEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZ\
    NANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZ\
    TCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

/// Whether it is an ISO 3166-1 alpha-2 code in force, upper case. `XK` (Kosovo), which passports use, is taken too.
pub fn is_country(code: &str) -> bool {
    code == "XK" || code.len() == 2 && COUNTRIES.as_bytes().chunks(2).any(|known| known == code.as_bytes())
}

/// A name as the machine-readable line of a travel document can hold it: letters A to Z, with single spaces, hyphens,
/// apostrophes or full stops between them; 1 to 40 characters.
pub fn is_name(name: &str) -> bool {
    let separator = |c: char| matches!(c, ' ' | '-' | '\'' | '.');
    let mut previous = ' ';
    let charset = name.chars().all(|c| {
        let pair = separator(previous) && separator(c) && !(previous == '.' && c == ' ');
        previous = c;
        c.is_ascii_alphabetic() || (separator(c) && !pair)
    });
    charset && (1..=40).contains(&name.len()) && (!separator(previous) || previous == '.')
}

/// An address that mail can be sent to (RFC 5321 lengths, the plain local part of RFC 5322).
pub fn is_email(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    let local_is_good =
        (1..=64).contains(&local.len()) && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom));
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let labels: Vec<_> = domain.split('.').collect();
    address.len() <= 254 && local_is_good && labels.len() >= 2 && labels.iter().all(|part| label(part))
}

/// A telephone number of ITU-T E.164: a plus sign, then 7 to 15 digits that do not begin with zero.
pub fn is_phone(number: &str) -> bool {
    let Some(digits) = number.strip_prefix('+') else { return false };
    (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A document number: 4 to 20 letters (upper case) and digits.
pub fn is_document_number(number: &str) -> bool {
    (4..=20).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Full years from birth to a day; none if the birth is later. Born on 29 February, one is older on 1 March.
pub fn age_on(born: Date, day: Date) -> Option<u8> {
    if born > day {
        return None;
    }
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    let years = i32::from(day.year()) - i32::from(born.year()) - i32::from(!had_birthday);
    u8::try_from(years).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use proptest::prelude::*;

    #[test]
    fn names_are_those_that_a_travel_document_can_hold() {
        for good in ["Ann", "Anna Maria", "O'Neill", "Smith-Jones", "J. Paul", "X", "Jr."] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", " Ann", "Ann ", "An  n", "José", "A1", "-", "A--B", "Ann\n", &"A".repeat(41)] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn addresses_and_numbers_keep_to_their_standards() {
        for good in ["a@b.co", "first.last+tag@mail.example.org"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            "a@@b.co",
            ".a@b.co",
            "a.@b.co",
            "a@-b.co",
            "a b@c.de",
            "a@b..co",
            "ä@b.co",
            "a@b.co\r\nBcc: x@y.z",
        ] {
            assert!(!is_email(bad), "{bad:?}");
        }
        for (number, good) in [("+6281234567", true), ("081234567", false), ("+0123456789", false), ("+1", false)] {
            assert_eq!(is_phone(number), good, "{number}");
        }
        assert!(is_country("ID") && !is_country("DA") && !is_country("ZZ") && !is_country("id") && !is_country(""));
    }

    #[test]
    fn one_grows_older_on_the_birthday() {
        let age = |born: &str, day: &str| age_on(born.parse().unwrap(), day.parse().unwrap());
        assert_eq!(age("2025-01-20", "2027-01-19"), Some(1));
        assert_eq!(age("2025-01-20", "2027-01-20"), Some(2));
        assert_eq!(age("2024-02-29", "2026-02-28"), Some(1));
        assert_eq!(age("2024-02-29", "2026-03-01"), Some(2));
        assert_eq!(age("2027-01-21", "2027-01-20"), None);
    }

    proptest! {
        #[test]
        fn age_grows_by_one_each_year(days in 0..30_000_i64, years in 0..90_i16) {
            let born = jiff::civil::date(1930, 1, 1).saturating_add(days.days());
            prop_assume!(!(born.month() == 2 && born.day() == 29));
            prop_assert_eq!(age_on(born, born.saturating_add(years.years())), Some(years as u8));
        }

        #[test]
        fn no_text_breaks_a_rule_check(text in ".*") {
            let _ = (is_name(&text), is_email(&text), is_phone(&text), is_country(&text), is_document_number(&text));
        }
    }
}
