//! `ls`: every living object.

use crate::object::Object;
use crate::output::{self, Column, Table};
use crate::units;

/// List the living objects: kind, name, size, holders, age
///
/// Holders are processes on Linux and handles on Windows. An object that cannot be asked is listed with the reason.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print a JSON array of objects
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let mut objects: Vec<Object> = lasthandle::list()?.into_iter().map(Object::from).collect();
    objects.sort_by(|a, b| a.name.cmp(&b.name));
    if args.json {
        return Ok(output::json(&objects)?);
    }
    // The last column has no head: it is empty unless there is something to say.
    let columns = [Column::Left("KIND"), Column::Left("NAME"), Column::Right("SIZE")];
    let more = [Column::Right("HOLDERS"), Column::Right("AGE"), Column::Left("")];
    let mut table = Table::new(columns.into_iter().chain(more).collect());
    for object in &objects {
        table.row(row(object));
    }
    Ok(table.print()?)
}

fn row(object: &Object) -> [String; 6] {
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    [
        object.kind.unwrap_or("?").into(),
        object.name.clone(),
        or_unknown(object.size.map(units::show_size)),
        or_unknown(object.holders.map(|count| count.to_string())),
        or_unknown(object.age()),
        note(object),
    ]
}

fn note(object: &Object) -> String {
    match object {
        Object { error: Some(error), .. } => error.clone(),
        Object { file: Some(path), .. } => format!("over {}", path.display()),
        Object { reserved: Some(true), .. } => "reserved".into(),
        _ => String::new(),
    }
}
