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
