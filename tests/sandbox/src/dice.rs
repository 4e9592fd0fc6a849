//! Chance that is the same every time: a hash of what it is rolled for.

/// A deterministic die. Every fact put into it changes all that is rolled after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dice(u64);

impl Dice {
    /// A die for one seed.
    pub fn new(seed: u64) -> Self {
        Dice(mix(seed ^ 0x9e37_79b9_7f4a_7c15))
    }

    /// The die for one fact more.
    #[must_use]
    pub fn with(self, fact: impl AsRef<[u8]>) -> Self {
        let hash = fact
            .as_ref()
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        Dice(mix(self.0 ^ hash))
    }

    /// The die for one number more.
    #[must_use]
    pub fn with_number(self, number: i64) -> Self {
        Dice(mix(self.0 ^ number.cast_unsigned().wrapping_mul(0xff51_afd7_ed55_8ccd)))
    }

    /// All 64 bits.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// A number from 0 to `sides - 1`; 0 for a die without sides.
    pub fn below(self, sides: u64) -> u64 {
        if sides == 0 { 0 } else { self.0 % sides }
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A number between the two, ends included.
    pub fn between(self, low: i64, high: i64) -> i64 {
        low + self.below(high.saturating_sub(low).unsigned_abs() + 1).cast_signed()
    }

    /// One of the entries; none of none.
    pub fn pick<T: Copy>(self, from: &[T]) -> Option<T> {
        let index = usize::try_from(self.below(from.len() as u64)).unwrap_or(0);
        from.get(index).copied()
    }

    /// A word of `length` characters of an alphabet.
    pub fn word(self, alphabet: &[u8], length: usize) -> String {
        let mut word = String::with_capacity(length);
        let mut bits = self.0;
        for _ in 0..length {
            bits = mix(bits);
            let index = usize::try_from(bits % (alphabet.len().max(1) as u64)).unwrap_or(0);
            word.push(alphabet.get(index).copied().map_or('0', char::from));
        }
        word
    }
}

/// The finaliser of SplitMix64.
fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_facts_roll_the_same() {
        let roll = |seed, fact: &str| Dice::new(seed).with(fact).with_number(7).bits();
        assert_eq!(roll(1, "CGK"), roll(1, "CGK"));
        assert_ne!(roll(1, "CGK"), roll(2, "CGK"));
        assert_ne!(roll(1, "CGK"), roll(1, "NRT"));
    }

    #[test]
    fn between_stays_between() {
        for number in 0..1000 {
            let rolled = Dice::new(3).with_number(number).between(-2, 2);
            assert!((-2..=2).contains(&rolled));
        }
    }
}
