//! A session of 75 blocks of 40 images and references, by each door and each dialect: all tell the methods the same.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use hdf5_pure::FileBuilder;
use rig_files::{Codes, Limits, mat5, read_codes};
use serde_json::json;
use sessions::door::FolderDoor;
use sessions::{Event, Phase, Session, journal, stem};

use crate::common::{create, neuron};
use crate::http::{Client, beside};

const TEXT: &str = r#"
    [session]
    seed = 7
    dialect = "DIALECT"
    [references]
    per_block = 3
    choice = "rotating"
    [[thread]]
    name = "a"
    generator = "pixels"
    optimizer = "sphere-cma"
    options = { population_size = 20 }
    target = { channel = 0 }
    [[thread]]
    name = "b"
    generator = "few-pixels"
    optimizer = "genetic"
    options = { population_size = 20 }
    target = { channels = [0, 1], weights = [1.0, 2.0] }
    size = 8
"#;

/// What a rig answers to an image: two channels.
fn rates(file: &[u8]) -> [f64; 2] {
    [neuron(file), neuron(file) * 0.1 - 5.0]
}

/// A new session with references of names that are traps.
fn session(folder: &Path, dialect: &str) -> Session {
    fs::create_dir(folder.join("references")).unwrap();
    for (i, name) in ["01 face (1).png", "block119_gen_car.png", "09_tex.jpg_field.png", "10.png"].iter().enumerate() {
        let image = image::RgbImage::from_pixel(5, 5, image::Rgb([40 * i as u8; 3]));
        image.save(folder.join("references").join(name)).unwrap();
    }
    create(folder, &TEXT.replace("DIALECT", dialect), sessions::read_references(folder).unwrap())
}

/// Everything that the methods were told, bit for bit, with the hashes of the codes.
fn told(folder: &Path) -> Vec<(usize, u32, Vec<u64>, String)> {
    let records = journal::read(&folder.join(journal::JOURNAL_FILE)).unwrap();
    let told = records.into_iter().filter_map(|record| match record.event {
        Event::Told { thread, generation, scores, codes_xxh3, .. } => {
            Some((thread, generation, scores.iter().map(|score| score.0.to_bits()).collect(), codes_xxh3))
        }
        _ => None,
    });
    told.collect()
}

/// A rig at the watched folder, written after the published descriptions of the protocols.
struct Rig {
    stimuli: PathBuf,
    scores: PathBuf,
    poncelab: bool,
    answered: Option<u32>,
}

impl Rig {
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let paths = fs::read_dir(&self.stimuli).unwrap().map(|entry| entry.unwrap().path());
        let images = paths.filter(|path| path.extension().is_none_or(|extension| extension != "mat"));
        images.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())).collect()
    }

    fn block_of(&self, name: &str) -> Option<u32> {
        let reference = self.poncelab && stem(name).ends_with("_nat");
        if reference { None } else { name.strip_prefix("block")?.split('_').next()?.parse().ok() }
    }

    /// Answers the block in the folder, if it is a new one.
    fn look(&mut self) {
        let files = self.files();
        let Some(block) = files.keys().filter_map(|name| self.block_of(name)).max() else { return };
        if self.answered == Some(block) {
            return;
        }
        self.answered = Some(block);
        if self.poncelab {
            self.check_codes(block, &files);
            self.write_mat(block, &files);
        } else {
            self.write_h5(block, &files);
        }
    }

    /// XDream's: images x channels in the order of the sorted names.
    fn write_h5(&self, block: u32, files: &BTreeMap<String, Vec<u8>>) {
        let values: Vec<f64> = files.values().flat_map(|file| rates(file)).collect();
        let mut builder = FileBuilder::new();
        builder.create_dataset("scores").with_f64_data(&values).with_shape(&[files.len() as u64, 2]);
        fs::write(self.scores.join(format!("block{block:03}.h5")), builder.finish().unwrap()).unwrap();
    }

    /// As MATLAB saves it: paths of Windows, in any order, channels x images.
    fn write_mat(&self, block: u32, files: &BTreeMap<String, Vec<u8>>) {
        let path = |name: &String| format!(r"N:\Stimuli\2020-07-21-Alfa\{name}");
        let names: Vec<String> = files.keys().rev().map(path).collect();
        let values: Vec<f64> = files.values().rev().flat_map(|file| rates(file)).collect();
        let mut file = mat5::Writer::new();
        file.cells("stimulusID", &names).double("tEvokedResp", &[2, names.len()], &values);
        fs::write(self.scores.join(format!("block{block:03}.mat")), file.finish()).unwrap();
    }

    /// The codes of block k are in file k - 1, under the names of its images.
    fn check_codes(&self, block: u32, files: &BTreeMap<String, Vec<u8>>) {
        for (thread, dim) in [(0, 16), (1, 9)] {
            let path = self.stimuli.join(format!("block{:03}_thread{thread:03}_code.mat", block - 1));
            let Codes { ids, dim: found, .. } = read_codes(&path, &Limits::default()).unwrap();
            let own = format!("block{block:03}_thread{thread:03}_gen_gen{:03}_", block - 1);
            let shown: Vec<&String> = files.keys().filter(|name| name.starts_with(&own)).collect();
            assert_eq!(found, dim);
            if block == 1 {
                assert_eq!((ids.len(), ids[0].as_str(), ids[9].as_str()), (shown.len(), "founder_001", "founder_010"));
            } else {
                assert_eq!(ids.iter().collect::<Vec<_>>(), shown);
            }
        }
    }
}

fn by_folder(dialect: &str) -> Vec<(usize, u32, Vec<u64>, String)> {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path(), dialect);
    let mut door = FolderDoor::open(&session).unwrap();
    let (stimuli, scores) = (folder.path().join("stimuli"), folder.path().join("scores"));
    let mut rig = Rig { stimuli, scores, poncelab: dialect == "poncelab", answered: None };
    let since = Instant::now();
    while session.phase() != Phase::Finished {
        assert!(since.elapsed().as_secs() < 120, "block {:?} is not taken", session.current());
        door.look(&mut session).unwrap();
        rig.look();
    }
    let left = |name: &String| !name.ends_with("_code.mat");
    assert_eq!(rig.files().into_keys().filter(left).collect::<Vec<_>>(), [""; 0]);
    let last = read_codes(&rig.stimuli.join("block074_thread001_code.mat"), &Limits::default());
    assert_eq!(last.is_ok(), rig.poncelab);
    if let Ok(codes) = last {
        let stored = experiments::read_codes(&folder.path().join("codes/b/gen074.npy"), 9).unwrap();
        assert_eq!(codes.rows, stored.iter().flatten().copied().collect::<Vec<_>>());
    }
    told(folder.path())
}

fn by_http(dialect: &str) -> Vec<(usize, u32, Vec<u64>, String)> {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path(), dialect);
    beside(&mut session, serve_http);
    assert_eq!(session.phase(), Phase::Finished);
    told(folder.path())
}

/// Fetches every block as an archive and answers it in two parts.
fn serve_http(client: &Client) {
    let mut query = "/v1/block?wait=4".to_owned();
    loop {
        let block = client.get(&query).json();
        let number = block["block"].as_u64().unwrap();
        let mut archive =
            zip::ZipArchive::new(Cursor::new(client.get(&format!("/v1/block/{number}.zip")).body)).unwrap();
        let mut row = |i: &serde_json::Value| {
            let name = block["images"][i.as_u64().unwrap() as usize]["name"].as_str().unwrap();
            let mut file = Vec::new();
            archive.by_name(name).unwrap().read_to_end(&mut file).unwrap();
            json!({ "name": name, "values": rates(&file) })
        };
        let rows: Vec<_> = block["order"].as_array().unwrap().iter().map(&mut row).collect();
        let mut next = json!(number);
        for part in rows.chunks(30) {
            let scores = json!({ "block": number, "rows": part });
            next = client.post("/v1/scores", scores.to_string().as_bytes()).json()["next"].clone();
        }
        if next.is_null() {
            return;
        }
        query = format!("/v1/block?after={number}&wait=4");
    }
}

#[test]
fn both_doors_and_both_dialects_tell_the_same_75_times() {
    let first = by_folder("xdream");
    assert_eq!(first.len(), 2 * 75);
    let best =
        |told: &(usize, u32, Vec<u64>, String)| told.2.iter().map(|bits| f64::from_bits(*bits)).fold(0.0, f64::max);
    assert!(best(&first[148]) > best(&first[0]), "{} {}", best(&first[0]), best(&first[148]));
    for (told, door) in [(by_folder("poncelab"), "folder"), (by_http("xdream"), "http"), (by_http("poncelab"), "http")]
    {
        assert_eq!(told, first, "{door}");
    }
}
