//! Enums whose members have one spelling wherever they are written: JSON, logs, the C interface.
//! Layer 0: imports nothing of ours.

/// Makes the enum with `as_str`, `Display` and `ALL`, so that no second list of its members is kept.
macro_rules! spelled {
    (
        $(#[$of_enum:meta])*
        pub enum $name:ident {
            $($(#[$of_member:meta])* $member:ident = $spelling:literal,)+
        }
    ) => {
        $(#[$of_enum])*
        pub enum $name {
            $($(#[$of_member])* $member,)+
        }

        impl $name {
            /// Every member that this version knows.
            pub const ALL: &'static [$name] = &[$($name::$member),+];

            /// The spelling in JSON, logs and the C interface.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$member => $spelling,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

pub(crate) use spelled;
