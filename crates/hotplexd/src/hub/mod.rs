//! Where turns, sessions and clients meet: who began what, who is owed which events, what is held
//! for those who come later.

mod clock;
pub(crate) mod feed;
mod follow;
mod happening;
pub(crate) mod list;
pub(crate) mod log;
mod session;
mod state;
mod turn;
mod turns;

pub(crate) use happening::NOBODY_TO_ASK;
pub(crate) use state::Hub;
pub(crate) use turn::{Ask, Execute};
