//! The groups and datasets of a file, as the NWB core schema and hdmf-common lay them down.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::{NWB_VERSION, NwbData, NwbImage, NwbSession, NwbTrial};
use crate::hdf5::{Attr, Data, Node};

/// Attributes of the root, and its members; with a group for images if there are any.
pub(super) fn of(session: &NwbSession, with_images: bool) -> (Vec<(&'static str, Attr)>, Vec<Node>) {
    let info = &session.info;
    let text = |text: &str| Attr::Text(text.to_owned());
    let attrs = vec![
        ("namespace", text("core")),
        ("neurodata_type", text("NWBFile")),
        ("nwb_version", text(NWB_VERSION)),
        ("object_id", Attr::Text(object_id(session, "/"))),
    ];
    let mut templates = Vec::new();
    if with_images {
        let images =
            typed(session, "/stimulus/templates", Node::group("images", Vec::new()), "images", "core", "Images");
        templates.push(images.attr("description", text("The images that were shown, by their file names.")));
    }
    let stimulus = vec![Node::group("presentation", Vec::new()), Node::group("templates", templates)];
    let members = vec![
        Node::text("identifier", &info.identifier),
        Node::text("session_description", &info.session_description),
        Node::text("session_start_time", &info.session_start_time),
        Node::text("timestamps_reference_time", &info.session_start_time),
        Node::dataset("file_create_date", Data::Texts(vec![session.created.clone()])),
        Node::group("acquisition", Vec::new()),
        Node::group("analysis", Vec::new()),
        Node::group("processing", Vec::new()),
        Node::group("general", general(session)),
        Node::group("intervals", vec![trials(session)]),
        Node::group("stimulus", stimulus),
        Node::group("scratch", scratch(session)),
    ];
    (attrs, members)
}

/// An image of the group of images.
pub(super) fn image(session: &NwbSession, image: NwbImage) -> Node {
    let shape = vec![image.height.into(), image.width.into(), 3];
    let node = Node::dataset(image.name.clone(), Data::Bytes { shape, values: image.rgb });
    let node = typed(session, "/stimulus/templates/images", node, &image.name, "core", "RGBImage");
    if image.description.is_empty() { node } else { node.attr("description", Attr::Text(image.description)) }
}

fn general(session: &NwbSession) -> Vec<Node> {
    let given = &session.info.given;
    let texts = [
        ("institution", &given.institution),
        ("lab", &given.lab),
        ("experiment_description", &given.experiment_description),
    ];
    let is_said = |text: &&String| !text.trim().is_empty();
    let texts = texts.into_iter().filter_map(|(name, text)| Some(Node::text(name, text.as_ref().filter(is_said)?)));
    let mut members: Vec<Node> = texts.collect();
    for (name, list) in [("experimenter", &given.experimenter), ("keywords", &given.keywords)] {
        if !list.is_empty() {
            members.push(Node::dataset(name, Data::Texts(list.clone())));
        }
    }
    let mut subject: Vec<Node> = session.info.subject.iter().map(|(field, value)| Node::text(field, value)).collect();
    subject.extend(given.subject_description.as_ref().filter(is_said).map(|text| Node::text("description", text)));
    members.push(typed(session, "/general", Node::group("subject", subject), "subject", "core", "Subject"));
    members
}

fn trials(session: &NwbSession) -> Node {
    let mut order: Vec<&NwbTrial> = session.trials.iter().collect();
    order.sort_by(|a, b| a.start_time.total_cmp(&b.start_time));
    let doubles = |value: &dyn Fn(&NwbTrial) -> f64| Data::Doubles {
        shape: vec![order.len() as u64],
        values: order.iter().map(|trial| value(trial)).collect(),
    };
    let texts =
        |value: &dyn Fn(&NwbTrial) -> &str| Data::Texts(order.iter().map(|trial| value(trial).to_owned()).collect());
    let integers = |value: &dyn Fn(&NwbTrial) -> Option<u32>| {
        Data::Integers(order.iter().map(|trial| value(trial).map_or(-1, i64::from)).collect())
    };
    let timed = order.iter().any(|trial| !trial.rig_time.is_nan());
    let mut columns = vec![
        ("start_time".to_owned(), "When the image came on, in seconds.".to_owned(), doubles(&|trial| trial.start_time)),
        ("stop_time".to_owned(), "When the image went off, in seconds.".to_owned(), doubles(&|trial| trial.stop_time)),
        (
            "stimulus_name".to_owned(),
            "The image, by its name in /stimulus/templates/images.".to_owned(),
            texts(&|trial| &trial.stimulus_name),
        ),
        ("block".to_owned(), "The block that showed the image.".to_owned(), integers(&|trial| Some(trial.block))),
        (
            "thread".to_owned(),
            "The thread of the image; -1 of a reference that is shown for all threads.".to_owned(),
            integers(&|trial| trial.thread),
        ),
        (
            "generation".to_owned(),
            "The generation of the image in its thread; -1 of a reference.".to_owned(),
            integers(&|trial| trial.generation),
        ),
        ("role".to_owned(), "What the image was shown for.".to_owned(), texts(&|trial| &trial.role)),
        ("score".to_owned(), "The score of the image for its thread.".to_owned(), doubles(&|trial| trial.score)),
        (
            "arrival".to_owned(),
            "Whether the response came in time, or late: after its block was closed, when no method heard of it."
                .to_owned(),
            texts(&|trial| if trial.late { "late" } else { "in time" }),
        ),
    ];
    if timed {
        let description = "When the image came on by the rig's own clock, in seconds.".to_owned();
        columns.push(("rig_time".to_owned(), description, doubles(&|trial| trial.rig_time)));
    }
    let mut taken: BTreeSet<String> = columns.iter().map(|(name, ..)| name.clone()).collect();
    for (channel, name) in session.channels.iter().enumerate() {
        let column = column_name(name, &mut taken);
        let values = |trial: &&NwbTrial| trial.channels[channel * session.bins..][..session.bins].to_vec();
        let values = order.iter().flat_map(values).collect();
        let (description, shape) = match session.bins {
            1 => (format!("Response of channel {name}."), vec![order.len() as u64]),
            bins => (format!("Response of channel {name} in each time bin."), vec![order.len() as u64, bins as u64]),
        };
        columns.push((column, description, Data::Doubles { shape, values }));
    }
    let names = columns.iter().map(|(name, ..)| name.clone()).collect();
    let column = |(name, description, data): (String, String, Data)| {
        let node =
            typed(session, "/intervals/trials", Node::dataset(name.clone(), data), &name, "hdmf-common", "VectorData");
        node.attr("description", Attr::Text(description))
    };
    let mut members: Vec<Node> = columns.into_iter().map(column).collect();
    let ids = Node::dataset("id", Data::Integers((0..order.len() as i64).collect()));
    members.push(typed(session, "/intervals/trials", ids, "id", "hdmf-common", "ElementIdentifiers"));
    let table = typed(session, "/intervals", Node::group("trials", members), "trials", "core", "TimeIntervals");
    let description = "Presentations of images, one a row.".to_owned();
    table.attr("description", Attr::Text(description)).attr("colnames", Attr::Texts(names))
}

/// A name of a column for a channel: letters, digits and `_`, and different from those taken.
fn column_name(channel: &str, taken: &mut BTreeSet<String>) -> String {
    let word: String =
        channel.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    let first = format!("channel_{word}");
    let others = (2..).map(|number| format!("{first}_{number}"));
    let name = std::iter::once(first.clone()).chain(others).find(|name| !taken.contains(name));
    let name = name.expect("the numbers do not end");
    taken.insert(name.clone());
    name
}

fn scratch(session: &NwbSession) -> Vec<Node> {
    let shape = |count: usize, columns: usize| vec![(count / columns) as u64, columns as u64];
    let entries = session.scratch.iter().map(|entry| {
        let data = match &entry.data {
            NwbData::Text(text) => Data::Text(text.clone()),
            NwbData::Texts(texts) => Data::Texts(texts.clone()),
            NwbData::Matrix { columns, values } => {
                Data::Doubles { shape: shape(values.len(), *columns), values: values.clone() }
            }
            NwbData::Singles { columns, values } => {
                Data::Singles { shape: shape(values.len(), *columns), values: values.clone() }
            }
        };
        let node =
            typed(session, "/scratch", Node::dataset(entry.name.clone(), data), &entry.name, "core", "ScratchData");
        node.attr("notes", Attr::Text(entry.notes.clone()))
    });
    entries.collect()
}

/// A node with the attributes that say its type.
fn typed(session: &NwbSession, parent: &str, node: Node, name: &str, namespace: &str, neurodata_type: &str) -> Node {
    node.attr("namespace", Attr::Text(namespace.to_owned()))
        .attr("neurodata_type", Attr::Text(neurodata_type.to_owned()))
        .attr("object_id", Attr::Text(object_id(session, &format!("{parent}/{name}"))))
}

/// A UUID that follows from the session's identifier and the place in the file, so that an export is the same again.
fn object_id(session: &NwbSession, place: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(&session.info.identifier);
    hash.update([0]);
    hash.update(place);
    let mut id: [u8; 16] = hash.finalize()[..16].try_into().expect("a hash has 32 bytes");
    // Version 8 (one's own rule) of RFC 9562, and its variant.
    id[6] = id[6] & 0x0f | 0x80;
    id[8] = id[8] & 0x3f | 0x80;
    let digits: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}
