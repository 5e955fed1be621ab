//! Meaning as numbers: vectors of a text model, made small, compared, and mixed with a search for
//! words.

use std::collections::BTreeMap;

/// The longest vector that is kept; models have 256 to 3,072 numbers.
pub const MOST_DIMENSIONS: usize = 4_096;

/// The rank constant of reciprocal rank fusion, as its authors (Cormack and others, 2009) found it:
/// the first places of two lists weigh alike, and one list alone cannot outvote both.
const FUSION: f64 = 60.0;

/// A vector of length one, with a byte per number: a quarter of the room, and the order of what is
/// near stays the same but for ties. `None` when the numbers are no direction.
pub fn quantise(numbers: &[f32]) -> Option<Vec<i8>> {
    if numbers.is_empty() || numbers.len() > MOST_DIMENSIONS {
        return None;
    }
    let square: f64 = numbers.iter().map(|one| f64::from(*one).powi(2)).sum();
    let length = square.sqrt();
    if !length.is_finite() || length <= 0.0 {
        return None;
    }
    Some(
        numbers
            .iter()
            .map(|one| byte(f64::from(*one) / length))
            .collect(),
    )
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a part of a vector of length one is between -1 and 1"
)]
fn byte(part: f64) -> i8 {
    (part * 127.0).round().clamp(-127.0, 127.0) as i8
}

/// How alike two vectors are, in thousandths: 1,000 says the same, 0 has nothing to do with it.
/// Vectors of different lengths are of different models, and not alike.
pub fn likeness(left: &[i8], right: &[i8]) -> i64 {
    if left.len() != right.len() {
        return 0;
    }
    let pairs = left.iter().zip(right);
    let (mut dot, mut of_left, mut of_right) = (0_i64, 0_i64, 0_i64);
    for (one, other) in pairs {
        let (one, other) = (i64::from(*one), i64::from(*other));
        dot += one * other;
        of_left += one * one;
        of_right += other * other;
    }
    let length = of_left.saturating_mul(of_right).isqrt().max(1);
    dot.saturating_mul(1_000) / length
}

/// Mixes ranked lists: what stands high in several comes first. Each id is there once; ties go to
/// the larger id, the newer record.
pub fn fuse(lists: &[Vec<i64>]) -> Vec<i64> {
    let mut points: BTreeMap<i64, f64> = BTreeMap::new();
    for list in lists {
        let mut place = FUSION;
        for id in list {
            place += 1.0;
            *points.entry(*id).or_insert(0.0) += 1.0 / place;
        }
    }
    let mut all: Vec<(i64, f64)> = points.into_iter().collect();
    all.sort_by(|(left, a), (right, b)| b.total_cmp(a).then(right.cmp(left)));
    all.into_iter().map(|(id, _)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_same_direction_is_alike_whatever_its_length() {
        let same = [
            quantise(&[0.3, 0.4]).unwrap(),
            quantise(&[3.0, 4.0]).unwrap(),
        ];
        assert_eq!(same[0], same[1]);
        assert_eq!(likeness(&same[0], &same[1]), 1_000);
        let across = quantise(&[4.0, -3.0]).unwrap();
        assert!(likeness(&same[0], &across).abs() < 10);
        let against = quantise(&[-3.0, -4.0]).unwrap();
        assert_eq!(likeness(&same[0], &against), -1_000);
        assert_eq!(likeness(&same[0], &[1]), 0, "another model");
        for odd in [&[][..], &[0.0, 0.0], &[f32::NAN, 1.0], &[f32::INFINITY]] {
            assert_eq!(quantise(odd), None);
        }
        assert_eq!(quantise(&vec![1.0; MOST_DIMENSIONS + 1]), None);
    }

    #[test]
    fn what_stands_in_both_lists_comes_first() {
        assert_eq!(fuse(&[vec![1, 2, 3], vec![3, 9]]), [3, 1, 9, 2]);
        assert_eq!(fuse(&[vec![5, 7], vec![]]), [5, 7]);
        assert_eq!(fuse(&[vec![1], vec![2]]), [2, 1], "the newer one");
        assert_eq!(fuse(&[]), Vec::<i64>::new());
    }

    proptest! {
        #[test]
        fn bytes_keep_the_cosine(left in vector(), right in vector()) {
            let (Some(a), Some(b)) = (quantise(&left), quantise(&right)) else { return Ok(()) };
            let sum = |pairs: Vec<(f32, f32)>| -> f64 {
                pairs.iter().map(|(one, other)| f64::from(*one) * f64::from(*other)).sum()
            };
            let dot = sum(left.iter().copied().zip(right.iter().copied()).collect());
            let squares = sum(left.iter().copied().zip(left.iter().copied()).collect())
                * sum(right.iter().copied().zip(right.iter().copied()).collect());
            let exact = dot / squares.sqrt() * 1_000.0;
            let told = i32::try_from(likeness(&a, &b)).map(f64::from).unwrap();
            prop_assert!((exact - told).abs() < 25.0, "{exact} {told}");
        }
    }

    fn vector() -> impl Strategy<Value = Vec<f32>> {
        prop::collection::vec(-1.0_f32..1.0, 32)
    }
}
