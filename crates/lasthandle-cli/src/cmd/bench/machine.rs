//! What figures depend on. What this system does not tell, or not in this way, is not known.

use std::fmt;
use std::{env, fs, thread};

use serde::Serialize;

/// The stable JSON shape of the machine.
#[derive(Serialize)]
pub(super) struct Machine {
    cpu: Option<String>,
    processors: Option<usize>,
    system: String,
    kernel: Option<String>,
    governor: Option<String>,
    /// Of the last minute: how many want to run, on average.
    load: Option<f64>,
}

impl Machine {
    pub(super) fn look() -> Self {
        let read = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
        Self {
            cpu: read("/proc/cpuinfo").as_deref().and_then(model).or_else(|| env::var("PROCESSOR_IDENTIFIER").ok()),
            processors: thread::available_parallelism().ok().map(usize::from),
            system: format!("{} {}", env::consts::OS, env::consts::ARCH),
            kernel: read("/proc/sys/kernel/osrelease"),
            governor: read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            load: read("/proc/loadavg").and_then(|load| load.split(' ').next()?.parse().ok()),
        }
    }
}

fn model(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find_map(|line| line.strip_prefix("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unknown = || "unknown".to_owned();
        write!(
            f,
            "{}, {} processors; {} {}; governor {}; load {}",
            self.cpu.as_deref().unwrap_or("unknown processor"),
            self.processors.map_or_else(unknown, |count| count.to_string()),
            self.system,
            self.kernel.clone().unwrap_or_default(),
            self.governor.clone().unwrap_or_else(unknown),
            self.load.map_or_else(unknown, |load| load.to_string()),
        )
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_model_is_found_where_linux_tells_it() {
        let cpuinfo = "processor\t: 0\nmodel\t\t: 85\nmodel name\t: A Processor @ 2.00GHz\nstepping\t: 7\n";
        assert_eq!(super::model(cpuinfo).as_deref(), Some("A Processor @ 2.00GHz"));
        assert_eq!(super::model("processor: 0\n"), None);
    }
}
