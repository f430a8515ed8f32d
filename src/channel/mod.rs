//! Channels from the io thread to callers. `turn` is the channel of one turn, `hub` one receiver for
//! the events of all turns, `window` the back-pressure of a session. Layer 0: imports nothing of ours
//! but the events.

mod hub;
mod hub_queue;
mod notifier;
mod turn;
mod window;

pub(crate) use hub::{BackgroundSender, EventHub, HubReceiver, event_hub};
pub(crate) use hub_queue::{NoEvent, TurnReceipt};
pub(crate) use turn::{TurnReceiver, TurnSender, turn_channel};
pub use window::Delivery;
pub(crate) use window::{EVENT_WEIGHT, Window};
