//! The command line: its commands, its flags and their help.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::commands::{
    audit, backup, completions, config, db, doctor, migrate, openapi, org, project, ready, run, serve, template, token,
    webhook, work, worker,
};
use crate::failure::{self, advised};
use crate::settings::{Flags, Settings};
use crate::{terminal, umask};

const AFTER_HELP: &str = "\
Examples:
  recto serve                     start the server on http://127.0.0.1:8080
  recto run scans/ -o march.pdf   read a folder into one searchable PDF, without a server
  recto doctor                    check that everything is in place

Settings come from recto.toml, then RECTO__SECTION__KEY variables, then flags; `recto config` shows them all.";

/// The exit code of a program whose output is no longer read, as shells count it (128 + SIGPIPE).
const CLOSED_PIPE: u8 = 141;

/// Batch OCR on your own machine: scans, photos and PDFs in; text, searchable PDFs and tables out.
#[derive(Debug, Parser)]
#[command(name = "recto", version, after_help = AFTER_HELP, max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Settings file to read instead of ./recto.toml
    #[arg(long, global = true, env = "RECTO_CONFIG", value_name = "FILE", hide_env_values = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server with its workers
    Serve(serve::ServeArgs),
    /// Start a node that reads pages for the servers on the same database, without an API
    Work(work::WorkArgs),
    /// Read files and folders into one export, without a server
    Run(run::RunArgs),
    /// Read files as they are put into a folder, until stopped
    Watch(run::watching::WatchArgs),
    /// Create and list organizations
    #[command(subcommand)]
    Org(org::OrgCommand),
    /// Create, list, change and deactivate projects
    #[command(subcommand)]
    Project(project::ProjectCommand),
    /// Create, list, show, replace and revoke API keys
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Import (also from invoice2data), teach and list templates
    #[command(subcommand)]
    Template(template::TemplateCommand),
    /// Create, list, show, test and delete webhook endpoints
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    /// Show who did what
    Audit(audit::AuditArgs),
    /// Show every setting, its value and its source
    Config(config::ConfigArgs),
    /// Check engine, languages, PDFium, database, files and workers
    Doctor(doctor::DoctorArgs),
    /// Check whether a running server or node is ready, for health checks
    Ready(ready::ReadyArgs),
    /// Back up an installation to one file; the server can keep running
    Backup(backup::BackupArgs),
    /// Restore a backup into an empty data folder
    Restore(backup::RestoreArgs),
    /// Bring the database up to date
    Migrate(AdminArgs),
    /// Move an installation to another database
    #[command(subcommand)]
    Db(db::DbCommand),
    /// Print the OpenAPI document of the HTTP API
    Openapi,
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Run a worker process; started by other commands, which it talks to through a pipe
    #[command(hide = true)]
    Worker(worker::WorkerArgs),
}

/// The flags shared by all commands that administer an installation.
#[derive(Debug, Args)]
pub(crate) struct AdminArgs {
    /// Folder for the database, the files and the secret [default: ./recto-data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<String>,
    /// Print machine-readable JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl AdminArgs {
    /// The settings that these flags set.
    pub(crate) fn flags(&self) -> Flags {
        let mut flags = Flags::new();
        set(&mut flags, "data_dir", self.data_dir.as_ref(), "--data-dir");
        flags
    }
}

/// Records that the flag `flag` sets the setting `key`, if the flag was given.
pub(crate) fn set(flags: &mut Flags, key: &'static str, value: Option<&impl ToString>, flag: &'static str) {
    flags.extend(value.map(|value| (key, value.to_string(), flag)));
}

/// Runs the command named by the arguments, prints any error, and returns the exit code.
pub(crate) fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() {
                // The message repeats arguments, which may be file names chosen by strangers.
                eprint!("{}", terminal::lines(&error.render().to_string()));
                return ExitCode::FAILURE;
            }
            // If the terminal is gone, nobody can be told.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
    };
    // Before a second thread exists and before the first file is created.
    umask::close();
    cli.dispatch().unwrap_or_else(|error| {
        if failure::is_closed_pipe(&error) {
            return ExitCode::from(CLOSED_PIPE);
        }
        eprintln!("{}", failure::describe(&error));
        if error.is::<run::NotWritten>() { run::NotWritten::code() } else { ExitCode::FAILURE }
    })
}

impl Cli {
    fn dispatch(self) -> anyhow::Result<ExitCode> {
        let load = |flags: Flags| {
            Settings::load(self.config.as_deref(), &flags).map_err(|e| advised(e.to_string(), e.advice()))
        };
        match self.command {
            Command::Serve(args) => serve::serve(&load(args.flags())?),
            Command::Work(args) => work::work(&load(args.flags())?),
            Command::Run(args) => run::run(&load(args.flags())?, &args),
            Command::Watch(args) => run::watching::run(&load(args.flags())?, &args),
            Command::Org(command) => org::run(&load(command.admin().flags())?, &command),
            Command::Project(command) => project::run(&load(command.admin().flags())?, &command),
            Command::Token(command) => token::run(&load(command.admin().flags())?, &command),
            Command::Template(command) => template::run(&load(command.flags())?, &command),
            Command::Webhook(command) => webhook::run(&load(command.admin().flags())?, &command),
            Command::Audit(args) => audit::run(&load(args.admin.flags())?, &args),
            Command::Config(args) => config::run(&load(args.flags())?, &args),
            Command::Doctor(args) => doctor::run(&load(args.flags())?, &args),
            Command::Ready(args) => ready::run(&load(Flags::new())?, &args),
            Command::Backup(args) => backup::backup(&load(args.admin.flags())?, &args),
            Command::Restore(args) => backup::restore(&load(args.admin.flags())?, &args),
            Command::Db(command) => db::run(&load(command.admin().flags())?, &command),
            Command::Migrate(args) => migrate::run(&load(args.flags())?, &args),
            Command::Openapi => openapi::run(),
            Command::Completions(args) => completions::run(&args),
            Command::Worker(args) => worker::run(args),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
