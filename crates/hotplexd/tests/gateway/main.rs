//! The daemon as its clients meet it, over real sockets on loopback and over the stand-in agent. One
//! program, since each program of tests is linked anew.

mod chat;
mod client;
mod daemon;
mod doctor;

mod command_line;
mod container;
mod endings;
mod examples;
mod go_clients;
mod held_back;
mod hostile_http;
mod hostile_ws;
mod listening;
mod openapi;
mod proxy;
mod query;
mod real;
mod rest;
mod safety;
#[allow(dead_code, reason = "others use more of it")]
#[path = "../../../../tests/common/skipped.rs"]
mod skipped;
mod soak;
mod tail;
mod terminal;
mod turns;

mod websocket;
