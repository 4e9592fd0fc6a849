//! Hash slots, as the Redis Cluster specification counts them, and the ranges of them that fail together.

use crc16::{State, XMODEM};

/// Ranges that slots are watched in. A primary has whole ranges of slots, so one that is gone takes few others along.
pub const RANGES: usize = 64;

const SLOTS: usize = 16_384;

/// The slot of a key: of what stands in its first braces, else of all of it.
pub fn slot(key: &str) -> usize {
    let tag = key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(tag, _)| tag);
    let hashed = tag.filter(|tag| !tag.is_empty()).unwrap_or(key);
    usize::from(State::<XMODEM>::calculate(hashed.as_bytes())) % SLOTS
}

/// The range of a key.
pub fn range(key: &str) -> usize {
    slot(key) / (SLOTS / RANGES)
}

/// One key of each range.
pub fn one_key_each(prefix: &str) -> Vec<String> {
    let mut keys = vec![None; RANGES];
    let mut missing = RANGES;
    for number in 0_u32.. {
        let key = format!("{prefix}interline:probe:{number}");
        let place = &mut keys[range(&key)];
        if place.is_none() {
            *place = Some(key);
            missing -= 1;
        }
        if missing == 0 {
            break;
        }
    }
    keys.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(slot("123456789"), 0x31C3);
        assert_eq!(slot("{user1000}.following"), slot("{user1000}.followers"));
        assert_eq!(slot("foo{}{bar}"), usize::from(State::<XMODEM>::calculate(b"foo{}{bar}")) % SLOTS);
        assert_eq!(slot("foo{{bar}}zap"), slot("{bar"));
    }

    #[test]
    fn each_range_has_a_key() {
        let keys = one_key_each("x:");
        assert_eq!(keys.iter().map(|key| range(key)).collect::<Vec<_>>(), (0..RANGES).collect::<Vec<_>>());
    }
}
