use std::fs;
use std::path::Path;

use sessions::door::FolderDoor;
use sessions::{Phase, Session};

use crate::common::{create, neuron};

const CONFIG: &str = r#"
    [session]
    after_scores = "move"
    [[thread]]
    generator = "pixels"
    optimizer = "genetic"
    options = { population_size = 5 }
    generations = 3
    target = { channel = 1 }
"#;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Looks until something comes, a few times at most.
fn look(door: &mut FolderDoor, session: &mut Session) -> bool {
    (0..5).any(|_| door.look(session).unwrap())
}

#[test]
fn a_rig_that_writes_csv_is_served_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), CONFIG, Vec::new());
    let mut door = FolderDoor::open(&session).unwrap();
    let (images, scores) = (folder.path().join("stimuli"), folder.path().join("scores"));
    for block in 0..3 {
        assert!(!look(&mut door, &mut session));
        let shown = names(&images);
        assert_eq!(shown.len(), 5);
        assert!(shown.iter().all(|name| name.starts_with(&format!("block{block:03}_0"))));
        let row = |name: &String| format!("{name},3,{}\n", neuron(&fs::read(images.join(name)).unwrap()));
        let table: String = shown.iter().map(row).collect();
        // A file that is cut off is waited for.
        let path = scores.join(format!("block{block:03}.csv"));
        fs::write(&path, format!("name,1A,2A\n{}", &table[..table.find(',').unwrap()])).unwrap();
        assert!(!look(&mut door, &mut session));
        fs::write(&path, format!("name,1A,2A\n{table}")).unwrap();
        assert!(look(&mut door, &mut session));
    }
    assert_eq!(session.phase(), Phase::Finished);
    assert_eq!(session.status().scores, 15);
    assert!(session.status().threads[0].best.unwrap() > 3.0, "the second channel is the target");
    assert_eq!(names(&images), [""; 0]);
    assert_eq!(names(&folder.path().join("shown")).len(), 15);
}

/// Names of the files of the block that is out, and a row of the second channel for each.
fn table(session: &Session) -> String {
    let mut names = session.block().unwrap().sorted_names();
    names.sort_unstable();
    names.iter().enumerate().map(|(i, name)| format!("{name},3,{i}\n")).collect()
}

#[test]
fn a_file_that_does_not_fit_leaves_the_block_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), CONFIG, Vec::new());
    let mut door = FolderDoor::open(&session).unwrap();
    let write = |block: u32, text: &str| fs::write(folder.path().join(format!("scores/block{block:03}.csv")), text);
    write(0, &format!("name,1A,2A\n{}", table(&session))).unwrap();
    assert!(look(&mut door, &mut session));
    // Other channels, then one channel less.
    let wrong = table(&session);
    write(1, &format!("name,2A,1A\n{wrong}")).unwrap();
    assert!(!look(&mut door, &mut session) && session.current() == Some(1));
    write(1, &format!("name,1A\n{}", wrong.replace(",3", ""))).unwrap();
    assert!(!look(&mut door, &mut session) && session.current() == Some(1));
    write(1, &format!("name,1A,2A\n{wrong}")).unwrap();
    assert!(look(&mut door, &mut session) && session.current() == Some(2));
}

#[test]
fn a_pause_takes_the_scores_of_the_block_and_a_restart_takes_no_file_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), CONFIG, Vec::new());
    let mut door = FolderDoor::open(&session).unwrap();
    let text = format!("name,1A,2A\n{}", table(&session));
    assert!(!look(&mut door, &mut session));
    session.pause().unwrap();
    fs::write(folder.path().join("scores/block000.csv"), text).unwrap();
    assert!(look(&mut door, &mut session));
    assert_eq!(
        (session.current(), session.status().scores, names(&folder.path().join("stimuli")).len()),
        (Some(1), 5, 0)
    );
    session.proceed().unwrap();
    assert!(!look(&mut door, &mut session));
    drop(session);
    // An image of an earlier block and a half-written one are left over.
    for left in ["block000_001_left.png", ".writing-block001_000_x.png"] {
        fs::write(folder.path().join("stimuli").join(left), b"").unwrap();
    }
    let mut session = crate::common::resume(folder.path()).unwrap();
    let mut door = FolderDoor::open(&session).unwrap();
    assert!(!door.look(&mut session).unwrap() && names(&folder.path().join("stimuli")).len() == 5);
    look(&mut door, &mut session);
    let text = fs::read_to_string(folder.path().join(sessions::journal::JOURNAL_FILE)).unwrap();
    assert!(!text.contains("\"late\""), "{text}");
}

#[test]
fn a_file_of_no_image_or_of_another_block_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = create(folder.path(), CONFIG, Vec::new());
    let mut door = FolderDoor::open(&session).unwrap();
    assert!(!look(&mut door, &mut session));
    let good = table(&session);
    let name = session.block().unwrap().images[0].name().to_owned();
    let json = |block: &str| format!("{{{block}\"rows\":[{{\"name\":\"{name}\",\"values\":[1,2]}}]}}");
    let (other, none, number) = (json("\"block\":999,"), json("\"block\":\"x\","), json(""));
    for (file, text) in [
        ("block000.csv", "name,1A,2A\nother.png,1,2\n"),
        ("block000.csv", "name,1A,2A\n"),
        ("block000.json", "{\"rows\":[]}"),
        ("block000.json", &other),
        ("block000.json", &none),
    ] {
        let path = folder.path().join("scores").join(file);
        fs::write(&path, text).unwrap();
        assert!(!look(&mut door, &mut session) && session.current() == Some(0), "{file}: {text}");
        assert!(path.exists());
    }
    // A file with some good rows is taken, also without the number of the block.
    let first = good.lines().next().unwrap();
    fs::write(folder.path().join("scores/block000.csv"), format!("name,1A,2A\nother.png,1,2\n{first}\n")).unwrap();
    assert!(look(&mut door, &mut session) && session.current() == Some(1));
    assert_eq!(session.block().unwrap().images.len(), 4, "the others are shown again");
    let number = number.replace(&name, session.block().unwrap().images[0].name());
    fs::write(folder.path().join("scores/block001.json"), number).unwrap();
    assert!(look(&mut door, &mut session) && session.current() == Some(2));
}
