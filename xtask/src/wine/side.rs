//! The two systems that a scene is played on: how programs are compiled and run there.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::table::{Library, Scene, Step, Until};
use crate::machine;

/// Linux with our library, or Wine with its own.
pub(super) struct Side {
    pub(super) wine: bool,
    /// For the programs.
    pub(super) folder: PathBuf,
    /// Where our library for this system lies.
    pub(super) library: PathBuf,
    /// Sets the environment of a program.
    pub(super) environment: Box<dyn Fn(Command) -> Command>,
}

impl Side {
    fn name(&self) -> &'static str {
        if self.wine { "Wine" } else { "Linux" }
    }

    /// Plays a scene: what its programs print, and how they end.
    pub(super) fn play(&self, root: &Path, scene: &Scene) -> Result<Vec<String>> {
        let mut running = Vec::new();
        for step in &scene.steps {
            let program = self.compile(root, scene, step)?;
            running.push(self.start(&program, step)?);
        }
        let mut lines = Vec::new();
        for (run, step) in running.into_iter().zip(&scene.steps) {
            lines.push(format!("$ {}", step.title()));
            lines.extend(run.finish()?);
        }
        Ok(lines)
    }

    fn compile(&self, root: &Path, scene: &Scene, step: &Step) -> Result<PathBuf> {
        let width = if scene.wide { "-wide" } else { "" };
        let program = self.folder.join(format!("{}{width}.exe", step.program));
        let mut compiler = Command::new(if self.wine { super::LINKER } else { "gcc" });
        compiler.args(["-std=gnu11", "-O1", "-D_DEFAULT_SOURCE", "-o"]).arg(&program).arg(step.source(root)?);
        if self.wine {
            compiler.args(scene.define.iter().map(|define| format!("-D{define}")));
        }
        compiler.args(self.flags(root, scene));
        machine::run(&mut compiler).with_context(|| format!("{} for {}", step.title(), self.name()))?;
        Ok(program)
    }

    fn flags(&self, root: &Path, scene: &Scene) -> Vec<OsString> {
        let include = root.join("crates/lasthandle-ffi/include");
        let joined =
            |option: &str, path: &Path| [OsString::from(option), path.into()].into_iter().collect::<OsString>();
        let mut flags = Vec::new();
        if scene.wide {
            flags.extend(["-DUNICODE", "-D_UNICODE", "-fshort-wchar"].map(OsString::from));
        }
        if self.wine {
            // The C library of Windows prints wide text as Windows does, and mingw's own what C says.
            let own = if scene.wide { "-D__USE_MINGW_ANSI_STDIO=0" } else { "-D__USE_MINGW_ANSI_STDIO=1" };
            flags.extend([own, "-w"].map(OsString::from));
            flags.extend(scene.wide.then(|| "-municode".into()));
            flags.extend((scene.library != Library::Shared).then(|| "-static".into()));
        } else {
            flags.push(joined("-I", &include.join("lasthandle")));
            flags.push(joined("-Wl,-rpath,", &self.library));
        }
        if scene.library != Library::None || !self.wine {
            // No folder of our windows.h for Wine.
            flags.push(joined("-I", &include));
            flags.extend([joined("-L", &self.library), "-llasthandle_ffi".into()]);
        }
        if scene.library == Library::Static && self.wine {
            flags.extend(["-lntdll", "-luserenv", "-lws2_32"].map(OsString::from));
        }
        flags.push("-lpthread".into());
        flags
    }

    fn start(&self, program: &Path, step: &Step) -> Result<Running> {
        let mut command = Command::new("timeout");
        command.args(["--kill-after=5", "120"]).args(self.wine.then_some("wine")).arg(program).args(&step.arguments);
        let mut command = (self.environment)(command);
        command.env_remove("LD_LIBRARY_PATH").current_dir(&self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("timeout")?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().context("an output")?);
        let mut running = Running { child, input, output, said: String::new() };
        match step.until {
            Until::End => running.end()?,
            Until::FirstLine => drop(running.output.read_line(&mut running.said)?),
            Until::Start => {}
        }
        Ok(running)
    }
}

struct Running {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<std::process::ChildStdout>,
    said: String,
}

impl Running {
    fn end(&mut self) -> Result<()> {
        drop(self.input.take());
        self.output.read_to_string(&mut self.said)?;
        Ok(())
    }

    /// What it printed, and its exit code.
    fn finish(mut self) -> Result<Vec<String>> {
        self.end()?;
        let code = self.child.wait()?.code();
        let mut lines: Vec<String> = self.said.lines().map(|line| line.trim_end_matches('\r').to_owned()).collect();
        lines.push(format!("exit code {}", code.unwrap_or(-1)));
        Ok(lines)
    }
}

/// A folder that is new.
pub(super) fn fresh(folder: PathBuf) -> Result<PathBuf> {
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    ensure!(folder.is_dir());
    Ok(folder)
}
