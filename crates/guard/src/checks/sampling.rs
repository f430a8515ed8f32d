//! Of many values those that can make a difference: a few of each kind that the judges tell apart.
//!
//! What runs once a value is not followed for hundreds of them, and one dangerous value among them
//! must not go unseen for it.

use std::collections::HashMap;

use super::{databases, git};
use crate::facts::Facts;
use crate::vocabulary::has_vocabulary;
use crate::zone::Zone;

/// So many values are followed one by one, whatever they are.
const FEW: usize = 8;

/// So many of a kind speak for the rest of it.
const OF_EACH_KIND: usize = 4;

/// What makes a difference to some judge.
#[derive(PartialEq, Eq, Hash)]
struct Traits {
    zone: Zone,
    is_option: bool,
    is_one_word: bool,
    names_danger: bool,
    is_shared_branch: bool,
    is_live: bool,
    is_harmless: bool,
}

fn traits_of(run: &Facts, value: &str) -> Traits {
    let is_part = |c: char| c.is_alphanumeric() || "_:=-./,@+".contains(c);
    Traits {
        zone: run.zone(value),
        is_option: value.starts_with('-'),
        is_one_word: value.chars().all(is_part),
        names_danger: has_vocabulary(value),
        is_shared_branch: git::is_shared(value),
        is_live: databases::is_live(value),
        is_harmless: databases::is_harmless(value),
    }
}

/// The values that are followed, in their order.
pub(crate) fn sample(run: &mut Facts, values: Vec<String>) -> Vec<String> {
    if values.len() <= FEW {
        return values;
    }
    let mut seen: HashMap<Traits, usize> = HashMap::new();
    let mut kept = Vec::new();
    for value in values {
        if !run.spend(value.len()) {
            break;
        }
        let count = seen.entry(traits_of(run, &value)).or_default();
        *count += 1;
        if *count <= OF_EACH_KIND {
            kept.push(value);
        }
    }
    kept
}
