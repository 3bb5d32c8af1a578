//! Tables as spreadsheets write them, with paths as people spell them.

use super::{Folder, assert_says, clip, hearsight, picture};

const TABLE: &str = "image\taudio\ttext\tlanguage\tvoice\tsplit\n\
    pics/campfire.jpg\tfire.ogg\tLagerfeuer, \"schön\"\tde\tv\tdev\npics/tortoise.jpg\ttortoise.ogg\tgiant tortoise\ten\tv\tdev\n";

/// Two pictures with their clips.
fn corpus() -> Folder {
    let folder = Folder::with(&[]);
    for (name, file, sound) in
        [("winter-campfire", "campfire", "fire"), ("giant-tortoise", "tortoise", "tortoise")]
    {
        folder.put(&format!("pics/{file}.jpg"), &picture(name));
        folder.put(&format!("{sound}.ogg"), &std::fs::read(clip(name)).unwrap());
    }
    folder
}

fn evaluate(folder: &Folder, table: &[u8], more: &[&str]) -> super::Done {
    folder.put("pairs.tsv", table);
    hearsight(&[&["evaluate", "--json", "--corpus", &folder.at("pairs.tsv")], more].concat())
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_table_of_a_spreadsheet_is_measured_as_it_was_meant() {
    let folder = corpus();
    // What is read is tried beside read_pairs; here, that it comes to the same at the end.
    let tables = [
        TABLE.as_bytes().to_vec(),
        wide(&format!("\u{feff}{}", TABLE.replace('\n', "\r\n"))),
        TABLE.replace('\t', ";").replace("image;audio", "Image;Audio").into_bytes(),
        TABLE.replace("pics/", ".\\PICS\\").replace("fire.ogg", "FIRE.Ogg").into_bytes(),
        TABLE.replace("pics/campfire.jpg", "\"pics/campfire.jpg\"").replace('\n', "\r").into_bytes(),
        TABLE.chars().map(|c| c as u8).collect(),
    ];
    for table in tables {
        let done = evaluate(&folder, &table, &["--split", "Dev"]).well();
        // Only the last is no Unicode text.
        let is_guess = std::str::from_utf8(&table).is_err() && !table.contains(&0);
        assert_eq!(done.said.contains("read as Windows-1252"), is_guess, "{}", done.said);
        let figures = done.json();
        assert_eq!(
            (&figures["images"], &figures["clips"]),
            (&2.into(), &2.into()),
            "{}",
            String::from_utf8_lossy(&table)
        );
        assert_eq!(figures["audio_to_image"]["r1"], 1.0);
    }
}

#[test]
fn what_cannot_be_meant_is_said() {
    let folder = corpus();
    let refused = |table: &str| evaluate(&folder, table.as_bytes(), &[]).refused();
    let rows = TABLE.split_once('\n').unwrap().1;
    assert_says(&refused(rows), &["pairs.tsv", "no column \"audio\"", "Name the columns"]);
    assert_says(&refused(""), &["no rows"]);
    assert_says(&refused(TABLE.lines().next().unwrap()), &["no rows"]);
    assert_says(&refused("PK\x03\x04"), &["spreadsheet", "CSV UTF-8"]);
    assert_says(&refused(&TABLE.replace("fire.ogg", "gone.ogg")), &["gone.ogg", "Check the path"]);
    assert_says(
        &refused(&TABLE.replace("pics/campfire.jpg", "pics/gone.jpg")),
        &["gone.jpg", "Check the path"],
    );
    assert_says(&refused(&TABLE.replace("fire.ogg", ".")), &["this is a folder"]);
    assert_says(
        &refused(&TABLE.replace("fire.ogg", "https://example.org/fire.ogg")),
        &["address on the web", "Download it"],
    );
    assert_says(&refused(&TABLE.replace("\tdev\npics/t", "\tdev\tmore\npics/t")), &["line 2", "6 columns"]);
}

#[test]
fn nothing_measured_is_no_measurement() {
    let folder = corpus();
    let without_pictures = TABLE.replace("pics/campfire.jpg", "").replace("pics/tortoise.jpg", "");
    let without_clips = TABLE.replace("fire.ogg", "").replace("tortoise.ogg", "");
    for table in [&without_pictures, &without_clips] {
        assert_says(&evaluate(&folder, table.as_bytes(), &[]).refused(), &["Nothing can be measured"]);
    }
    let half = TABLE.replace("pics/tortoise.jpg", "");
    let done = evaluate(&folder, half.as_bytes(), &[]).well();
    assert_says(&done.said, &["not measured: 1"]);
    let corpus = |table: &str| {
        folder.put("pairs.tsv", table.as_bytes());
        hearsight(&["corpus", "--corpus", &folder.at("pairs.tsv")])
    };
    assert_says(&corpus(&without_pictures).well().out, &["without picture: 2"]);
    assert_says(&corpus(&half.replace("fire.ogg", "")).well().out, &["and 1 rows name no clip"]);
    assert_says(&corpus(&without_clips).refused(), &["None of the 2 rows", "2 rows name no clip"]);
}
