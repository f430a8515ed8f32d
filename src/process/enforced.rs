//! How much of a jail a kernel can hold. Pure.

use std::fmt;

use crate::jail::Jail;

/// The first version of Landlock (Linux 6.2) that watches truncation. Before it any file of the
/// user could be emptied from inside, and before the one before it nothing could be moved from one
/// directory to another, which ordinary builds do.
const NEEDED: i32 = 3;

/// The newest version whose rights were tried out here. What a later one adds could refuse what
/// agents need, so it is not used before it was tried out.
const NEWEST: i32 = 7;

/// Versions, and what is enforced from them on besides the reading and writing of files.
const ADDED: [(i32, &str); 4] = [
    (2, "moves and hard links"),
    (3, "truncation"),
    (5, "device controls"),
    (6, "signals and abstract sockets"),
];

/// What holds for every agent of an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Enforced {
    jail: Jail,
    abi: i32,
    missing: Option<String>,
}

impl Enforced {
    /// Matches what was asked for (`None`: nothing in particular) with the Landlock version of the
    /// kernel, 0 if it has none.
    ///
    /// # Errors
    /// What is missing for the jail that was asked for. A jail by default is left out
    /// instead, and [`Enforced::missing`] says so.
    pub(crate) fn decide(asked: Option<Jail>, abi: i32) -> Result<Enforced, String> {
        let jail = asked.unwrap_or(Jail::Write);
        let missing = (jail != Jail::Off && abi < NEEDED).then(|| {
            let missing = missing(abi);
            format!(
                "jail {:?} cannot be enforced: {missing}, and Landlock {NEEDED} (Linux 6.2) is needed",
                jail.as_str()
            )
        });
        match missing {
            Some(missing) if asked.is_some() => Err(missing),
            missing => Ok(Enforced {
                jail: if missing.is_some() { Jail::Off } else { jail },
                abi: abi.min(NEWEST),
                missing,
            }),
        }
    }

    pub(crate) fn jail(&self) -> Jail {
        self.jail
    }

    /// The version of Landlock whose rights are used.
    pub(crate) fn abi(&self) -> i32 {
        self.abi
    }

    /// Why there is no jail although there is one by default.
    pub(crate) fn missing(&self) -> Option<&str> {
        self.missing.as_deref()
    }
}

fn missing(abi: i32) -> String {
    match abi {
        0 => "the kernel has no Landlock, or does not let this process use it".to_owned(),
        abi => format!("the kernel has Landlock {abi}"),
    }
}

/// The jail, and what of it is enforced, for the list of sessions.
impl fmt::Display for Enforced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.jail.as_str())?;
        if self.jail == Jail::Off {
            return Ok(());
        }
        let reading = match self.jail {
            Jail::Strict => "reading, ",
            _ => "",
        };
        write!(f, " (landlock {}: {reading}writing", self.abi)?;
        for (_, what) in ADDED.iter().filter(|(since, _)| *since <= self.abi) {
            write!(f, ", {what}")?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jail_that_was_asked_for_is_had_or_refused_and_the_default_gives_way() {
        const NONE: &str = "no Landlock";
        // asked for, version, what comes of it, what the shortfall or the refusal names
        let cases: &[(Option<Jail>, i32, Option<Jail>, &str)] = &[
            (Some(Jail::Off), 0, Some(Jail::Off), ""),
            (Some(Jail::Off), 7, Some(Jail::Off), ""),
            (Some(Jail::Write), 0, None, NONE),
            (Some(Jail::Write), 2, None, "Landlock 2"),
            (Some(Jail::Write), 3, Some(Jail::Write), ""),
            (Some(Jail::Strict), 0, None, "\"strict\""),
            (Some(Jail::Strict), 7, Some(Jail::Strict), ""),
            (None, 0, Some(Jail::Off), NONE),
            (None, 1, Some(Jail::Off), "Landlock 1"),
            (None, 3, Some(Jail::Write), ""),
            (None, 99, Some(Jail::Write), ""),
        ];
        for &(asked, abi, expected, named) in cases {
            let (jail, said) = match Enforced::decide(asked, abi) {
                Ok(enforced) => (Some(enforced.jail), enforced.missing.unwrap_or_default()),
                Err(refusal) => (None, refusal),
            };
            assert_eq!(jail, expected, "{asked:?} {abi}");
            assert_eq!(said.is_empty(), named.is_empty(), "{asked:?} {abi}: {said}");
            assert!(said.contains(named), "{asked:?} {abi}: {said}");
        }
    }

    #[test]
    fn what_is_enforced_is_listed_as_far_as_the_version_goes() {
        let cases = [
            (Jail::Off, 7, "off"),
            (
                Jail::Write,
                3,
                "write (landlock 3: writing, moves and hard links, truncation)",
            ),
            (
                Jail::Strict,
                9,
                "strict (landlock 7: reading, writing, moves and hard links, truncation, \
                 device controls, signals and abstract sockets)",
            ),
        ];
        for (jail, abi, expected) in cases {
            let enforced = Enforced::decide(Some(jail), abi).unwrap();
            assert_eq!(enforced.to_string(), expected);
        }
    }
}
