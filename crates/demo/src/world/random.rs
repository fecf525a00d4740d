//! SplitMix64 (Steele, Lea, Flood 2014): small, fast, and the same everywhere.

pub(super) struct Random(u64);

impl Random {
    /// A sequence of its own for each stream.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut mixed = Self(seed ^ stream.wrapping_mul(0xD605_1D0B_4B0F_6A1D));
        Self(mixed.next() ^ stream)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn one_in(&mut self, chances: u64) -> bool {
        self.next().is_multiple_of(chances)
    }

    /// One of the items, of which there must be some.
    pub(super) fn pick<'i, T>(&mut self, items: &'i [T]) -> &'i T {
        let at = self.next() % items.len().max(1) as u64;
        &items[usize::try_from(at).unwrap_or(0)]
    }
}
