//! A picture of what `--json` printed: for each figure everybody's time on a logarithmic scale, ours in another colour.

use plotters::prelude::*;
use serde_json::Value;

use crate::Result;

const WIDTH: u32 = 1000;
const ROW: u32 = 18;
/// Room for the names at the left.
const NAMES: u32 = 480;
/// Room for the scale.
const SCALE: u32 = 40;
const FONT: (&str, u32) = ("sans-serif", 12);

struct Bar {
    name: String,
    ns: f64,
    is_first: bool,
}

/// The picture as SVG, on standard output.
pub fn print(path: &str) -> Result<()> {
    println!("{}", draw(&bars(&serde_json::from_str(&std::fs::read_to_string(path)?)?))?);
    Ok(())
}

/// Ours once for each contest, then its rivals.
fn bars(document: &Value) -> Vec<Bar> {
    let mut bars = Vec::<Bar>::new();
    let mut last = (Value::Null, Value::Null);
    for row in document["figures"].as_array().into_iter().flatten() {
        let figure = row["figure"].as_str().unwrap_or_default();
        let mut add = |who: &Value, time: &Value, is_first| {
            let (who, ns) = (who.as_str().unwrap_or_default(), time["median"].as_f64().unwrap_or_default());
            bars.push(Bar { name: format!("{figure}: {who}"), ns, is_first });
        };
        let contest = (row["figure"].clone(), row["ours"].clone());
        if contest != last {
            add(&row["ours"], &row["ours_ns"], true);
            last = contest;
        }
        add(&row["beside"], &row["beside_ns"], false);
    }
    bars
}

fn draw(bars: &[Bar]) -> Result<String> {
    if bars.is_empty() {
        return Err("no figures in it".into());
    }
    // Logarithms on a linear scale: one step is ten times as long.
    let ends = bars.iter().map(|bar| bar.ns.max(0.1).log10());
    let (least, most) = ends.fold((f64::MAX, f64::MIN), |(low, high), end| (low.min(end), high.max(end)));
    let (least, most) = (least.floor(), most.ceil().max(least.floor() + 1.0));
    let count = u32::try_from(bars.len())?;
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (WIDTH, count * ROW + SCALE)).into_drawing_area();
        area.fill(&WHITE)?;
        let (names, plot) = area.split_horizontally(NAMES);
        for (bar, at) in bars.iter().zip(0..) {
            names.draw(&Text::new(bar.name.clone(), (4, at * i32::try_from(ROW)? + 2), FONT))?;
        }
        let mut chart = ChartBuilder::on(&plot).x_label_area_size(SCALE).build_cartesian_2d(least..most, 0..count)?;
        let label = |power: &f64| crate::report::time(10_f64.powf(*power));
        chart.configure_mesh().disable_y_mesh().disable_y_axis().x_label_formatter(&label).draw()?;
        chart.draw_series(bars.iter().zip(0..).map(|(bar, at)| {
            let colour = if bar.is_first { BLUE.filled() } else { RGBColor(160, 160, 160).filled() };
            Rectangle::new([(least, count - at), (bar.ns.max(0.1).log10(), count - at - 1)], colour)
        }))?;
        area.present()?;
    }
    Ok(text)
}
