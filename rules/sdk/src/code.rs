//! Codes: up to four ASCII characters in a u32, big-endian, padded with zeros on the left.

/// Packs a code at compile time or run time: `pack("GA")` is 0x4741. Longer than four characters, or not ASCII: 0, which
/// is "not known".
pub const fn pack(code: &str) -> u32 {
    let bytes = code.as_bytes();
    if bytes.len() > 4 {
        return 0;
    }
    let mut packed = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == 0 || bytes[at] > 0x7f {
            return 0;
        }
        packed = (packed << 8) | bytes[at] as u32;
        at += 1;
    }
    packed
}

/// The code as text, for messages.
pub fn unpack(code: u32) -> String {
    code.to_be_bytes().into_iter().filter(|byte| *byte != 0).map(char::from).collect()
}

/// Whether `code` is one of a list of codes. An empty list stands for all.
pub fn is_among(code: u32, list: &[&str]) -> bool {
    list.is_empty() || list.iter().any(|one| pack(one) == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_are_packed_as_the_contract_says() {
        assert_eq!([pack("GA"), pack("CGK"), pack(""), pack("TOOLONG"), pack("é")], [0x4741, 0x43_474B, 0, 0, 0]);
    }

    #[test]
    fn an_empty_list_stands_for_all() {
        assert!(is_among(pack("GA"), &[]));
        assert!(is_among(pack("GA"), &["SQ", "GA"]));
        assert!(!is_among(pack("GA"), &["SQ"]));
        assert!(!is_among(0, &["SQ"]));
    }

    proptest! {
        #[test]
        fn a_code_comes_back_as_it_went(code in "[A-Z0-9]{1,4}") {
            prop_assert_eq!(unpack(pack(&code)), code);
        }
    }
}
