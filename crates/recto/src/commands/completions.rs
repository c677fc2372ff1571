//! `recto completions`: a completion script for a shell.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;

const AFTER_HELP: &str = "\
Examples:
  recto completions bash > /etc/bash_completion.d/recto
  recto completions zsh > ~/.zfunc/_recto";

/// Flags of `recto completions`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CompletionsArgs {
    /// Shell to print the script for
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs) -> anyhow::Result<ExitCode> {
    // The generator panics when it cannot write. Writing to memory cannot fail.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "recto", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
