//! The table and its JSON form.

use serde_json::{Value, json};

use crate::measure::Bench;
use crate::results::{Aim, Distance, Latency, Rate, Row, Spread, Step, Tail, Taken};

pub fn table(bench: &Bench) {
    println!("slices of {:?} in turn, on CPU {}", bench.budget.slice, bench.cpus.here);
    println!("ratio: ours / other, median of the rounds (and where nine tenths of them lie)\n");
    if !bench.rows.is_empty() {
        println!(
            "{:<26} {:>10}  {:<44} {:>10}  {:>5} {:<16} {:>6} aim",
            "figure", "ours", "beside", "takes", "ratio", "", "rounds"
        );
        for one in &bench.rows {
            row(one);
        }
    }
    rates(&bench.rows);
    for Latency { figure, what, times, p50, p99 } in &bench.latencies {
        println!("{figure:<26} {what:<44} p50 {:>10}  p99 {:>10} {times:>6} times", time(*p50), time(*p99));
    }
    for tail in &bench.tails {
        let Tail { figure, label, rounds, p50, p99, p999, .. } = tail;
        let times = format!("p50 {:>10}  p99 {:>10}  p99.9 {:>10}", time(*p50), time(*p99), time(*p999));
        let aim = tail.aim.map(|most| format!("p99 ≤ {most} × p50{}", verdict(tail.is_met()))).unwrap_or_default();
        println!("{figure:<26} {label:<30} {times} {rounds:>6} rounds {aim}");
    }
    for taken in &bench.taken {
        let Taken { figure, label, bytes, files, .. } = taken;
        println!("{figure:<26} {label:<30} {bytes:>10} bytes in {files} files{}", verdict(taken.is_met()));
    }
    if !bench.distances.is_empty() {
        println!("\nC, a cache line's round trip between two processors: before and after");
    }
    for Distance { figure, before, after } in &bench.distances {
        println!("  {figure:<26} {:>10} {:>10}", time(*before), time(*after));
    }
    let mut operation = "";
    for step in &bench.steps {
        if step.operation != operation {
            operation = step.operation;
            println!("\nsteps of {operation}");
        }
        println!("  {:<64} {:>10}", step.what, time(step.ns.median));
    }
    for note in &bench.notes {
        println!("\nnote: {note}");
    }
}

fn row(row: &Row) {
    let spread = format!("({} to {})", ratio(row.ratio.low), ratio(row.ratio.high));
    let aim = match row.aim {
        None => "-".to_owned(),
        Some(Aim::Ratio(most)) => format!("≤ {most}"),
        Some(Aim::Nanoseconds(most)) => format!("≤ {most} ns"),
    };
    let verdict = format!("{aim}{}", verdict(row.is_met()));
    let dropped = if row.dropped > 0 { format!(" ({} dropped)", row.dropped) } else { String::new() };
    println!(
        "{:<26} {:>10}  {:<44} {:>10}  {:>5} {:<16} {:>6} {verdict}{dropped}",
        row.figure,
        time(row.ours_ns.median),
        row.rival,
        time(row.rival_ns.median),
        ratio(row.ratio.median),
        spread,
        row.rounds
    );
}

/// Of the figures of one direction: each one's, ours first.
fn rates(rows: &[Row]) {
    let mut last = "";
    for row in rows {
        let Some(bytes) = row.message else { continue };
        if row.figure != last {
            println!("\n{:<46} {:>9} {:>9}", row.figure, "M/s", "GB/s");
            rate(&row.ours, Rate::of(bytes, row.ours_ns));
            last = row.figure;
        }
        rate(&row.rival, Rate::of(bytes, row.rival_ns));
    }
    if !last.is_empty() {
        println!();
    }
}

fn rate(who: &str, Rate { millions, gigabytes }: Rate) {
    let decimals = if millions < 1.0 { 4 } else { 2 };
    println!("  {who:<44} {millions:>9.decimals$} {gigabytes:>9.2}");
}

fn verdict(is_met: Option<bool>) -> &'static str {
    match is_met {
        None => "",
        Some(true) => ": met",
        Some(false) => ": MISSED",
    }
}

/// A ratio as people read it: far below one, how many times the other takes.
fn ratio(ratio: f64) -> String {
    if ratio < 0.05 { format!("1/{:.0}", ratio.recip()) } else { format!("{ratio:.2}") }
}

/// Nanoseconds as people read them.
pub fn time(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{ns:.1} ns"),
        ns if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        ns => format!("{:.2} ms", ns / 1e6),
    }
}

pub fn json(bench: &Bench) {
    let document = json!({
        "slice_ms": bench.budget.slice.as_secs_f64() * 1e3,
        "cpu": bench.cpus.here,
        "figures": bench.rows.iter().map(row_json).collect::<Vec<_>>(),
        "latencies": bench.latencies.iter().map(latency_json).collect::<Vec<_>>(),
        "distances": bench.distances.iter().map(distance_json).collect::<Vec<_>>(),
        "tails": bench.tails.iter().map(tail_json).collect::<Vec<_>>(),
        "taken": bench.taken.iter().map(taken_json).collect::<Vec<_>>(),
        "steps": bench.steps.iter().map(step_json).collect::<Vec<_>>(),
        "notes": bench.notes,
    });
    println!("{document:#}");
}

fn row_json(row: &Row) -> Value {
    json!({
        "figure": row.figure,
        "ours": row.ours, "ours_ns": spread(row.ours_ns),
        "beside": row.rival, "beside_ns": spread(row.rival_ns),
        "ratio": spread(row.ratio), "rounds": row.rounds, "dropped": row.dropped,
        "aim": aim_json(row.aim), "met": row.is_met(), "message_bytes": row.message,
        "ours_rate": row.message.map(|bytes| rate_json(Rate::of(bytes, row.ours_ns))),
        "beside_rate": row.message.map(|bytes| rate_json(Rate::of(bytes, row.rival_ns))),
    })
}

fn rate_json(Rate { millions, gigabytes }: Rate) -> Value {
    json!({ "million_messages_per_s": millions, "gigabytes_per_s": gigabytes })
}

fn aim_json(aim: Option<Aim>) -> Value {
    match aim {
        None => Value::Null,
        Some(Aim::Ratio(most)) => json!({ "ratio": most }),
        Some(Aim::Nanoseconds(most)) => json!({ "ns": most }),
    }
}

fn latency_json(latency: &Latency) -> Value {
    let Latency { figure, what, times, p50, p99 } = latency;
    json!({ "figure": figure, "what": what, "times": times, "p50_ns": p50, "p99_ns": p99 })
}

fn tail_json(tail: &Tail) -> Value {
    let Tail { figure, label, rounds, p50, p99, p999, aim } = tail;
    json!({
        "figure": figure, "who": label, "rounds": rounds, "p50_ns": p50, "p99_ns": p99, "p99.9_ns": p999,
        "aim_p99_to_p50": aim, "met": tail.is_met(),
    })
}

fn taken_json(taken: &Taken) -> Value {
    let Taken { figure, label, bytes, files, .. } = taken;
    json!({ "figure": figure, "who": label, "bytes": bytes, "files": files, "met": taken.is_met() })
}

fn distance_json(distance: &Distance) -> Value {
    json!({ "figure": distance.figure, "before_ns": distance.before, "after_ns": distance.after })
}

fn step_json(step: &Step) -> Value {
    json!({ "operation": step.operation, "step": step.what, "ns": spread(step.ns) })
}

fn spread(spread: Spread) -> Value {
    json!({ "median": spread.median, "p5": spread.low, "p95": spread.high })
}
