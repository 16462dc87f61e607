//! What lasthandle costs, each figure beside its limit in the same run. The method is in `README.md`.

mod bare;
mod contender;
mod couriers;
mod cpus;
mod figures;
mod measure;
mod page;
mod partner;
mod peers;
mod plot;
mod report;
mod results;
mod root;
#[cfg(feature = "sites")]
mod sites;
mod sleeper;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use cpus::Cpus;
use measure::{Bench, Budget};
use root::Root;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What lasthandle costs, beside the bare system calls and beside its peers.
#[derive(Debug, Parser)]
#[command(version)]
#[allow(clippy::struct_excessive_bools)] // a command line has switches
struct Arguments {
    /// Only the figures whose name contains this
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
    /// A fraction of the time, and noisier
    #[arg(long)]
    quick: bool,
    /// A JSON document instead of the table
    #[arg(long)]
    json: bool,
    /// Draws what an earlier run printed with `--json`, as SVG on standard output, and measures nothing
    #[arg(long, value_name = "JSON")]
    plot: Option<String>,
    /// The names of the figures, and nothing measured
    #[arg(long)]
    list: bool,
    /// Be the other process of a figure that needs two
    #[arg(long, value_name = "PAGE", hide = true)]
    partner: Option<String>,
    /// Which system calls the engine makes for each operation, and nothing measured
    #[cfg(feature = "sites")]
    #[arg(long)]
    sites: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    if arguments.list {
        for (name, _) in figures::ALL {
            println!("{name}");
        }
        return Ok(());
    }
    if let Some(path) = &arguments.plot {
        return plot::print(path);
    }
    if let Some(page) = &arguments.partner {
        return partner::serve(page);
    }
    let root = Root::new()?;
    #[cfg(feature = "sites")]
    if arguments.sites {
        return sites::print();
    }
    if cfg!(feature = "sites") {
        return Err("this build counts calls and is slow: build without the feature `sites` to measure".into());
    }
    let budget = if arguments.quick { Budget::QUICK } else { Budget::FULL };
    let mut bench = Bench::new(budget, Cpus::choose()?, root);
    for (name, figure) in figures::ALL {
        if arguments.only.as_ref().is_none_or(|pattern| name.contains(pattern.as_str())) {
            eprintln!("{name} …");
            bench.run(name, |bench| figure(name, bench)).map_err(|error| format!("{name}: {error}"))?;
        }
    }
    if arguments.json {
        report::json(&bench);
    } else {
        report::table(&bench);
    }
    Ok(())
}
