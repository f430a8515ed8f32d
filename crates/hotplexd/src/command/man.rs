//! The manual page: one for the program and all its commands.

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::say::say;
use crate::cli::CommandLine;
use crate::failure::{Failure, failed};

pub(super) fn run() -> Result<(), Failure> {
    say(page()
        .map_err(|error| failed(error.to_string()))?
        .as_bytes())
}

fn page() -> std::io::Result<String> {
    let mut program = CommandLine::command().disable_help_subcommand(true);
    program.build();
    let mut text = Vec::new();
    let man = Man::new(program.clone());
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let mut page = String::from_utf8_lossy(&text).into_owned();
    for command in program.get_subcommands() {
        page += &section(command)?;
    }
    let mut end = Vec::new();
    man.render_extra_section(&mut end)?;
    man.render_version_section(&mut end)?;
    Ok(page + &String::from_utf8_lossy(&end))
}

/// What a page of its own would say of one command, as a section.
fn section(command: &Command) -> std::io::Result<String> {
    let man = Man::new(command.clone());
    let mut text = Vec::new();
    man.render_description_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let body = String::from_utf8_lossy(&text).replace(".SH ", ".SS ");
    let name = command.get_name().to_uppercase();
    Ok(format!(".SH \"{name}\"\n{body}"))
}
