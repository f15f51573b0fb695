//! How long a rig waits for its next block: a session as a process of its own, and a rig that answers at once.
//!
//! ```text
//! cargo build -p actmax && cargo run -p actmax --example turn_around -- [BLOCKS] [CANVAS] [PAGES] [REST]
//! ```
//!
//! One thread (`sphere-cma`, 40 codes, the embedded generator), images of 256 x 256 pixels on a canvas: PNG, in the dialect
//! `poncelab` BMP with a file of codes. Over HTTP the time runs from the request with the last scores to its answer, which
//! comes when the next block can be had. In the folder it runs from the renaming of the score file to the last image of
//! the next block. Memory is the resident set of the session's process.
//!
//! PAGES live pages look on: whenever the journal grew, each asks for the news and for all images of the newest generation, as
//! the page in a browser does. REST is how many milliseconds the rig rests before it answers, as one that shows images.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

type Done<T> = Result<T, Box<dyn Error>>;

const IMAGES: usize = 40;

fn main() -> Done<()> {
    let mut arguments = env::args().skip(1);
    let blocks: u32 = arguments.next().map_or(Ok(200), |text| text.parse())?;
    let canvas: u32 = arguments.next().map_or(Ok(512), |text| text.parse())?;
    let program = env::current_exe()?.parent().and_then(Path::parent).ok_or("no target folder")?.join("actmax");
    let pages: usize = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let rest = Duration::from_millis(arguments.next().map_or(Ok(0), |text| text.parse())?);
    println!("{blocks} blocks of {IMAGES} images, 256 x 256 on a canvas of {canvas}; {pages} pages, rests of {rest:?}");
    for (door, dialect) in [("http", "xdream"), ("folder", "xdream"), ("folder", "poncelab")] {
        let place = env::temp_dir().join(format!("actmax-turn-around-{}-{door}-{dialect}", std::process::id()));
        let session = Session::start(&program, &place, (blocks, canvas), dialect)?;
        let watching: Vec<_> = (0..pages).map(|_| session.watch()).collect();
        let (mut waits, mut memory) = (Vec::new(), Vec::new());
        for block in 0..blocks - 1 {
            thread::sleep(rest);
            let number = block + u32::from(dialect == "poncelab");
            waits.push(if door == "http" { session.over_http(number)? } else { session.over_folder(number)? });
            if block == 9 || (block + 2) % (blocks / 4).max(1) == 0 {
                memory.push(format!("{} MiB at {block}", session.resident()? >> 10));
            }
        }
        waits.sort_by(f64::total_cmp);
        let at = |share: f64| waits[((waits.len() - 1) as f64 * share).round() as usize];
        println!("{door}, {dialect}: median {:.1} ms, 99 % {:.1} ms, longest {:.1} ms", at(0.5), at(0.99), at(1.0));
        let processor = session.processor_s()? * 1e3 / f64::from(blocks);
        println!("  {processor:.0} ms of processor time a block; resident: {}", memory.join(", "));
        drop(session);
        let fetched: usize = watching.into_iter().filter_map(|page| page.join().ok()).sum();
        println!("  the pages fetched {fetched} images");
        fs::remove_dir_all(&place)?;
    }
    Ok(())
}

/// A session's process.
struct Session {
    process: Child,
    folder: PathBuf,
    url: String,
    token: String,
}

impl Session {
    fn start(program: &Path, place: &Path, (blocks, canvas): (u32, u32), dialect: &str) -> Done<Self> {
        fs::create_dir_all(place)?;
        let config = format!(
            "[session]\ndialect = '{dialect}'\ncanvas = {canvas}\n[[thread]]\ngenerator = 'tiny-deepsim'\noptimizer = 'sphere-cma'\n\
             options = {{ population_size = {IMAGES} }}\nsize = 256\ngenerations = {blocks}\n"
        );
        fs::write(place.join("session.toml"), config)?;
        let (folder, config) = (place.join("session"), place.join("session.toml"));
        let made = Command::new(program).args(["session", "new"]).arg(&folder).arg("--config").arg(config).output()?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned().into());
        }
        let mut run = Command::new(program);
        run.args(["session", "run", "--quiet", "--http", "0"]).arg(&folder);
        let process = run.stdout(Stdio::null()).spawn()?;
        let url = wait_for(|| fs::read_to_string(folder.join("http-url")).ok())?.trim().to_owned();
        let token = fs::read_to_string(folder.join("http-token"))?.trim().to_owned();
        Ok(Self { process, folder, url, token })
    }

    /// A page that looks on until the session is gone; it returns how many images it fetched.
    fn watch(&self) -> thread::JoinHandle<usize> {
        let (url, authorization) = (self.url.clone(), format!("Bearer {}", self.token));
        thread::spawn(move || {
            let mut fetched = 0;
            // It ends with the connection.
            let _ = look_on(&url, &authorization, &mut fetched);
            fetched
        })
    }

    /// Answers a block over HTTP; milliseconds until the next one can be had.
    fn over_http(&self, block: u32) -> Done<f64> {
        let authorization = format!("Bearer {}", self.token);
        let get =
            |path: String| ureq::get(format!("{}{path}", self.url)).header("Authorization", &authorization).call();
        let offered: serde_json::Value =
            serde_json::from_str(&get("/v1/block?wait=4".to_owned())?.body_mut().read_to_string()?)?;
        get(format!("/v1/block/{block}.zip"))?.body_mut().with_config().limit(1 << 30).read_to_vec()?;
        let images = offered["images"].as_array().ok_or("no images")?;
        let rows: Vec<_> = images
            .iter()
            .map(|image| serde_json::json!({"name": image["name"], "values": [score(image["name"].as_str())]}))
            .collect();
        let body = serde_json::json!({"block": block, "rows": rows}).to_string();
        let since = Instant::now();
        let scores = ureq::post(format!("{}/v1/scores", self.url)).header("Authorization", &authorization);
        let answer = scores.send(body)?.body_mut().read_to_string()?;
        let elapsed = since.elapsed().as_secs_f64() * 1e3;
        let answer: serde_json::Value = serde_json::from_str(&answer)?;
        if answer["next"] != block + 1 { Err(answer.to_string().into()) } else { Ok(elapsed) }
    }

    /// Answers a block in the folder; milliseconds until the last image of the next one lies there.
    fn over_folder(&self, block: u32) -> Done<f64> {
        let images = |block: u32| {
            let begins = format!("block{block:03}_");
            let entries = fs::read_dir(self.folder.join("stimuli")).into_iter().flatten().flatten();
            let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
            // Codes stay beside the images.
            let names: Vec<String> = names.filter(|name| !name.ends_with(".mat")).collect();
            // The session writes all under temporary names, and then renames them.
            let whole = !names.is_empty() && names.iter().all(|name| name.starts_with(&begins));
            whole.then_some(names)
        };
        let names = wait_for(|| images(block))?;
        let rows: String = names.iter().map(|name| format!("{name},{}\n", score(Some(name)))).collect();
        let (from, to) =
            (self.folder.join("scores/answer.tmp"), self.folder.join(format!("scores/block{block:03}.csv")));
        fs::write(&from, format!("name,rate\n{rows}"))?;
        let since = Instant::now();
        fs::rename(from, to)?;
        wait_for(|| images(block + 1))?;
        Ok(since.elapsed().as_secs_f64() * 1e3)
    }

    /// Processor time so far in seconds: user and system, in ticks of 10 ms.
    fn processor_s(&self) -> Done<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        Ok(fields.map(str::parse::<f64>).sum::<Result<f64, _>>()? / 100.0)
    }

    /// Resident memory in KiB.
    fn resident(&self) -> Done<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It may be over by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a page does: the newest generation's best image, mean code and montage, after every change.
fn look_on(url: &str, authorization: &str, fetched: &mut usize) -> Done<()> {
    let agent = ureq::Agent::new_with_defaults();
    let get = |path: &str| agent.get(format!("{url}{path}")).header("Authorization", authorization).call();
    let (mut changes, mut had) = (BufReader::new(get("/live/changes")?.into_body().into_reader()), 0);
    loop {
        let mut line = String::new();
        if changes.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if !line.starts_with("data:") {
            continue;
        }
        let body = get(&format!("/live/board?have={had}.0"))?.body_mut().read_to_string()?;
        let news: serde_json::Value = serde_json::from_str(&body)?;
        let new = news["sources"][0]["new"][0].as_array().ok_or("no generations")?;
        let Some(last) = new.last() else { continue };
        had += new.len();
        let codes = last["scores"].as_array().map_or(0, Vec::len);
        for column in (0..codes).map(|column| column.to_string()).chain(["mean".to_owned()]) {
            get(&format!("/live/image/0/0/{}/{column}", last["generation"]))?.body_mut().read_to_vec()?;
            *fetched += 1;
        }
    }
}

/// Looks every half millisecond.
fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> Done<T> {
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(30) {
        if let Some(found) = look() {
            return Ok(found);
        }
        thread::sleep(Duration::from_micros(500));
    }
    Err("the session does not answer".into())
}

/// A response that depends on the name alone.
fn score(name: Option<&str>) -> f64 {
    name.unwrap_or_default().bytes().fold(7u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into())) as f64
        / 1e9
}
