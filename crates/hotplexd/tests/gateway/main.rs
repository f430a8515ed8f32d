//! The daemon as its clients meet it, over real sockets on loopback and over the stand-in agent. One
//! program, since each program of tests is linked anew.

mod client;
mod daemon;

mod command_line;
mod endings;
mod rest;
mod safety;

mod websocket;
