//! A small seeded generator (splitmix64): the same seed tells the same story.

/// A source of numbers that depends on nothing but its seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator for this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 when the limit is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next_u64().checked_rem(limit).unwrap_or(0)
    }

    /// A number from `low` up to and without `high`, as a time span.
    pub fn between_ms(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        low.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// True in this many of 100 cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of the items; `None` when there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
        items.get(usize::try_from(self.below(count)).unwrap_or(0))
    }

    /// One of the words; empty when there are none.
    pub fn word(&mut self, words: &[&'static str]) -> &'static str {
        self.pick(words).copied().unwrap_or_default()
    }

    /// 16 lower-case hexadecimal digits.
    pub fn hex16(&mut self) -> String {
        format!("{:016x}", self.next_u64())
    }

    /// 32 lower-case hexadecimal digits, shaped like a version 4 UUID without its dashes.
    pub fn hex32(&mut self) -> String {
        let high = (self.next_u64() & !0xf000) | 0x4000;
        let low = (self.next_u64() >> 2) | (1 << 63);
        format!("{high:016x}{low:016x}")
    }

    /// A commit id: 40 lower-case hexadecimal digits.
    pub fn hex40(&mut self) -> String {
        let tail = self.next_u64() & 0xffff_ffff;
        format!("{}{tail:08x}", self.hex32())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let (mut first, mut second) = (Random::new(7), Random::new(7));
        let mut other = Random::new(8);
        assert_eq!(first.hex32(), second.hex32());
        assert_eq!(first.hex40(), second.hex40());
        assert_ne!(first.hex16(), other.hex16());
    }

    #[test]
    fn ids_have_the_length_of_their_kind() {
        let mut random = Random::new(1);
        for _ in 0..50 {
            let id = random.hex32();
            assert_eq!(id.len(), 32);
            assert_eq!(id.chars().nth(12), Some('4'), "{id}");
            assert_eq!(random.hex40().len(), 40);
            assert_eq!(random.hex16().len(), 16);
        }
    }

    #[test]
    fn limits_hold() {
        let mut random = Random::new(3);
        assert_eq!(random.below(0), 0);
        assert_eq!(random.pick::<u8>(&[]), None);
        assert!((0..500).all(|_| random.below(6) < 6));
        assert!((0..500).all(|_| (-5..5).contains(&random.between_ms(-5, 5))));
    }
}
