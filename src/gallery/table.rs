//! Tables as people and spreadsheets write them: any of the usual separators, encodings, line ends and quotation marks.

use serde::de::DeserializeOwned;

use super::TableError;

/// What stands between cells, the likeliest first.
const SEPARATORS: [char; 4] = ['\t', ';', ',', '|'];
/// What Windows-1252 has where Latin-1 has control characters, from 0x80 on.
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// A table's cell.
#[derive(Debug, Default, PartialEq)]
struct Cell {
    text: String,
    quoted: bool,
}

/// A row with the number of its line.
#[derive(Debug)]
struct Row {
    line: usize,
    cells: Vec<Cell>,
}

impl Row {
    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.text.is_empty())
    }

    /// A remark that somebody wrote between the rows.
    fn is_comment(&self) -> bool {
        let mut cells = self.cells.iter();
        cells.next().is_some_and(|first| first.text.starts_with('#') && !first.quoted)
            && cells.all(|cell| cell.text.is_empty())
    }
}

/// Reads a table whose first line names its columns; they may stand in any order and case, and there may be more of them.
///
/// # Errors
/// [`TableError`] says what is wrong, and where.
pub fn read_table<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, TableError> {
    let text = text(bytes)?;
    let (separator, text) = separator(&text);
    let mut rows = rows(text, separator).into_iter().filter(|row| !row.is_blank() && !row.is_comment());
    let Some(header) = rows.next() else { return Err(TableError::NoRows) };
    let columns = columns(&header);
    let names: csv::StringRecord = columns.iter().map(|(name, _)| name.as_str()).collect();
    let mut table = Vec::new();
    for row in rows {
        let width = header.cells.len();
        if row.cells.iter().skip(width).any(|cell| !cell.text.is_empty()) {
            return Err(TableError::Unreadable(format!(
                "line {} has more cells than the {width} columns that the first line names",
                row.line
            )));
        }
        let mut record = csv::StringRecord::new();
        for (name, places) in &columns {
            record.push_field(cell(&row, name, places)?);
        }
        table.push(record.deserialize(Some(&names)).map_err(|error| wrong(&error, &names, row.line))?);
    }
    if table.is_empty() {
        // Without rows nothing else would say that the first line names no columns.
        let empty: csv::StringRecord = names.iter().map(|_| "0").collect();
        empty.deserialize::<T>(Some(&names)).map_err(|error| wrong(&error, &names, header.line))?;
    }
    Ok(table)
}

/// The named columns, each with its places: a name that stands twice has two.
fn columns(header: &Row) -> Vec<(String, Vec<usize>)> {
    let mut columns: Vec<(String, Vec<usize>)> = Vec::new();
    for (place, cell) in header.cells.iter().enumerate() {
        // What was pasted together has a mark in the middle.
        let name = cell
            .text
            .trim_matches(|c: char| c.is_whitespace() || "#\u{feff}\u{200b}".contains(c))
            .to_lowercase();
        match columns.iter_mut().find(|(known, _)| *known == name) {
            _ if name.is_empty() => {}
            Some((_, places)) => places.push(place),
            None => columns.push((name, vec![place])),
        }
    }
    columns
}

/// A row's cell of a column; one that is not there is empty.
fn cell<'a>(row: &'a Row, name: &str, places: &[usize]) -> Result<&'a str, TableError> {
    let at = |place: &usize| row.cells.get(*place).map_or("", |cell| cell.text.as_str());
    let first = places.first().map_or("", at);
    if places.iter().map(at).any(|other| other != first) {
        let line = row.line;
        return Err(TableError::Unreadable(format!(
            "it has two columns {name:?}, which differ in line {line}"
        )));
    }
    Ok(first)
}

fn wrong(error: &csv::Error, names: &csv::StringRecord, line: usize) -> TableError {
    let cause = match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.kind().to_string(),
        _ => error.to_string(),
    };
    match cause.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        Some(column) => TableError::NoColumn {
            column: column.to_owned(),
            present: names.iter().collect::<Vec<_>>().join(", "),
        },
        None => TableError::Unreadable(format!("line {line}: {cause}")),
    }
}

/// The text of a file: UTF-8, UTF-16 as Excel's "Unicode Text", or else Windows-1252, as its "Text" and "CSV".
fn text(bytes: &[u8]) -> Result<String, TableError> {
    let save = "save it as tab-separated text or as CSV UTF-8";
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(TableError::Unreadable(format!("it is a spreadsheet's own file: {save}")));
    }
    let two = |number: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|two| number(*two)).collect();
        String::from_utf16_lossy(&units)
    };
    let text = if is_utf_16(bytes) {
        // Its mark, or its first letter, has the zero or the 0xff that says which byte comes first.
        if matches!(bytes, [0xfe, ..] | [0, ..]) { two(u16::from_be_bytes) } else { two(u16::from_le_bytes) }
    } else if is_guessed(bytes) {
        bytes.iter().map(|byte| windows_1252(*byte)).collect()
    } else {
        String::from_utf8_lossy(bytes).into_owned()
    };
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}

/// Whether a table's letters are a guess: it is neither UTF-8 nor UTF-16, and is read as Windows-1252.
pub fn is_guessed(table: &[u8]) -> bool {
    !is_utf_16(table) && std::str::from_utf8(table).is_err()
}

/// By its mark, or by the zeros beside its first two letters.
fn is_utf_16(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [1..=255, 0, 1..=255, 0, ..] | [0, 1..=255, 0, 1..=255, ..]
    )
}

fn windows_1252(byte: u8) -> char {
    let special = byte.checked_sub(0x80).and_then(|place| WINDOWS_1252.chars().nth(usize::from(place)));
    special.unwrap_or(char::from(byte))
}

/// What separates the cells, by the first line or by what Excel says before it, and the table behind that.
fn separator(text: &str) -> (char, &str) {
    let line_end = |text: &str| text.find(['\n', '\r']).unwrap_or(text.len());
    let end = line_end(text);
    if let Some(said) = text[..end].trim_matches('"').strip_prefix("sep=")
        && let Some(separator) = said.chars().next().or(Some('\t'))
        && said.chars().count() < 2
    {
        return (separator, &text[end..]);
    }
    let head = text.trim_start_matches(['\n', '\r', ' ']);
    let head = &head[..line_end(head)];
    let count = |separator: &char| head.matches(*separator).count();
    // Of equals the last is the greatest for `max_by_key`.
    let separator = SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or('\t');
    (separator, text)
}

fn rows(text: &str, separator: char) -> Vec<Row> {
    let (mut rows, mut cells, mut at, mut line, mut first_line) = (Vec::new(), Vec::new(), 0, 1, 1);
    while at < text.len() || !cells.is_empty() {
        let rest = &text[at..];
        let (cell, length) = quoted(rest, separator).unwrap_or_else(|| {
            let length = rest.find([separator, '\n', '\r']).unwrap_or(rest.len());
            (Cell { text: rest[..length].trim().to_owned(), quoted: false }, length)
        });
        line += line_ends(&rest[..length]);
        cells.push(cell);
        at += length;
        let rest = &text[at..];
        if let Some(next) = rest.strip_prefix(separator) {
            at += rest.len() - next.len();
            continue;
        }
        let end = if text[at..].starts_with("\r\n") { 2 } else { usize::from(at < text.len()) };
        at += end;
        line += usize::from(end > 0);
        rows.push(Row { line: first_line, cells: std::mem::take(&mut cells) });
        first_line = line;
    }
    rows
}

fn line_ends(text: &str) -> usize {
    text.matches('\n').count() + text.matches('\r').count() - text.matches("\r\n").count()
}

/// A cell in quotation marks, and how far it goes. Marks that do not enclose the whole cell are a part of it.
fn quoted(text: &str, separator: char) -> Option<(Cell, usize)> {
    let start = text.len() - text.trim_start_matches(' ').len() + 1;
    let inner = text.trim_start_matches(' ').strip_prefix('"')?;
    let mut content = String::new();
    let mut marks = inner.match_indices('"').peekable();
    let mut from = 0;
    while let Some((at, _)) = marks.next() {
        content.push_str(&inner[from..at]);
        if marks.peek().is_some_and(|(next, _)| *next == at + 1) {
            marks.next();
            content.push('"');
            from = at + 2;
            continue;
        }
        let after = inner[at + 1..].trim_start_matches(' ');
        let closes = after.is_empty() || after.starts_with([separator, '\n', '\r']);
        // A mark at the beginning of one text and another at the end of a later one enclose nothing.
        let spans_cells = separator == '\t' && content.contains('\t') && content.contains(['\n', '\r']);
        let length = start + inner.len() - after.len();
        return (closes && !spans_cells).then_some((Cell { text: content, quoted: true }, length));
    }
    None
}

/// A cell as [`read_table`] reads it back.
pub(super) fn written(cell: &str) -> String {
    if cell.starts_with(['"', '#']) || cell.trim() != cell {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let (separator, text) = separator(text);
        let texts = |row: Row| row.cells.into_iter().map(|cell| cell.text).collect();
        rows(text, separator).into_iter().map(texts).collect()
    }

    #[test]
    fn marks_enclose_a_cell_or_are_a_part_of_it() {
        assert_eq!(cells("a\tb\n\"x\ty\"\t\"say \"\"hi\"\"\"\n"), [["a", "b"], ["x\ty", "say \"hi\""]]);
        assert_eq!(cells("a\tb\n\"dog\" runs\ta \"dog\"\n"), [["a", "b"], ["\"dog\" runs", "a \"dog\""]]);
        assert_eq!(cells("a\tb\n\"open\tx\ny\tclosed\"\n"), [["a", "b"], ["\"open", "x"], ["y", "closed\""]]);
        assert_eq!(cells("a, b\n\"x,\n1\", \"y\" "), [["a", "b"], ["x,\n1", "y"]]);
        assert_eq!(cells("a\tb\n\"\t\"\"\n"), [["a", "b"], ["\"", ""]]);
    }

    #[test]
    fn lines_and_separators_are_seen() {
        let two = [["a", "b"], ["1", "2"]];
        for text in [
            "a\tb\r1\t2",
            "a;b\n1;2\n",
            "a,b\r\n1,2\r\n",
            "a|b\n1|2",
            "sep=;\na;b\n1;2",
            "sep=\t\r\na\tb\r\n1\t2",
        ] {
            let rows: Vec<Vec<String>> =
                cells(text).into_iter().filter(|row| row.iter().any(|c| !c.is_empty())).collect();
            assert_eq!(rows, two, "{text:?}");
        }
        assert_eq!(cells("a\t"), [["a", ""]]);
        assert!(cells("").is_empty());
    }

    #[test]
    fn a_cell_is_read_as_it_was_written() {
        for text in ["a", "\"a\" b", "\"", "\"\"", " a ", "# no remark", "a\"b", "\u{a0}a"] {
            let row = format!("x\ty\n{}\t{}\n", written(text), written(text));
            assert_eq!(cells(&row)[1], [text, text], "{row:?}");
        }
    }
}
