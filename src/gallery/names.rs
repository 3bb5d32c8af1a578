//! Which picture of a gallery a table means. Titles, file names and ids are for people and may be shared; what tells two
//! pictures apart is where each came from.

use std::collections::BTreeMap;

use super::{Picture, spelled};

/// Why a picture of a table is none of a gallery's, or not one alone.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing of that name.
    #[error("{0} is not in the gallery. Make the gallery from a folder that holds it, or correct the table.")]
    NotThere(String),
    /// Several that may be meant.
    #[error("{name} may be any of the gallery's pictures {ids}. Name its folder too.")]
    Several {
        /// What the table says.
        name: String,
        /// What it may mean.
        ids: String,
    },
    /// Two pictures of the table would be one of the gallery's.
    #[error(
        "{first} and {second} are two pictures, and the gallery has only {id} for both. Make the gallery from both."
    )]
    Shared {
        /// One.
        first: String,
        /// The other.
        second: String,
        /// What both would be.
        id: String,
    },
}

/// A gallery's pictures, to be found by the paths that tables have.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// (id, where it came from) by the name without folder and ending; of a picture whose origin nobody knows, by its id.
    by_name: BTreeMap<String, Vec<(String, Option<String>)>>,
    ids: BTreeMap<String, String>,
}

impl Names {
    /// Of the pictures of a manifest.
    pub fn of(pictures: &[Picture]) -> Self {
        let mut names = Self::default();
        for picture in pictures {
            let origin = (!picture.origin.is_empty()).then(|| folded(&picture.origin));
            names.push(&picture.id, origin);
        }
        names
    }

    /// Of the ids of an index.
    pub fn of_ids<'a>(ids: impl IntoIterator<Item = &'a String>) -> Self {
        let mut names = Self::default();
        ids.into_iter().for_each(|id| names.push(id, None));
        names
    }

    fn push(&mut self, id: &str, origin: Option<String>) {
        let name = stem(origin.as_deref().unwrap_or(&folded(id))).to_owned();
        // An id has no ending, but may have a dot.
        let name = if origin.is_some() { name } else { folded(id) };
        self.by_name.entry(name).or_default().push((id.to_owned(), origin));
        self.ids.insert(folded(id), id.to_owned());
    }

    /// The id of the picture that a path means: the one whose origin it shares most of; one without an origin by its name.
    ///
    /// # Errors
    /// [`NameError::NotThere`], [`NameError::Several`].
    pub fn find(&self, path: &str) -> Result<&str, NameError> {
        let wanted = folded(path);
        let candidates = self.by_name.get(stem(&wanted)).map_or(&[][..], Vec::as_slice);
        let is_it = |(_, origin): &&(String, Option<String>)| origin.as_ref() == Some(&wanted);
        match self.ids.get(&wanted) {
            Some(id) if !candidates.iter().any(|candidate| is_it(&candidate)) => return Ok(id),
            _ => {}
        }
        let shared = |origin: &Option<String>| match origin {
            Some(origin) => shared(origin, &wanted),
            None => Some((0, false)),
        };
        let best = candidates.iter().filter_map(|(_, origin)| shared(origin)).max();
        let best = best.ok_or_else(|| NameError::NotThere(path.to_owned()))?;
        let mut ids =
            candidates.iter().filter(|(_, origin)| shared(origin) == Some(best)).map(|(id, _)| id.as_str());
        let first = ids.next().ok_or_else(|| NameError::NotThere(path.to_owned()))?;
        let others: Vec<&str> = ids.collect();
        if others.is_empty() {
            return Ok(first);
        }
        Err(NameError::Several { name: path.to_owned(), ids: [&[first][..], &others].concat().join(", ") })
    }

    /// The ids of several paths: no two of them share one.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn find_all<'a>(
        &self,
        paths: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeMap<&'a str, &str>, NameError> {
        let mut found = BTreeMap::new();
        let mut meant: BTreeMap<&str, &'a str> = BTreeMap::new();
        for path in paths {
            let id = self.find(path)?;
            found.insert(path, id);
            let first = *meant.entry(id).or_insert(path);
            if folded(first) != folded(path) {
                let (first, second) = (first.to_owned(), path.to_owned());
                return Err(NameError::Shared { first, second, id: id.to_owned() });
            }
        }
        Ok(found)
    }
}

fn folded(path: &str) -> String {
    spelled(path).to_lowercase()
}

/// The last part of a path, without its ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// How many folders two paths share at their ends, where one of them is the end of the other, and whether their endings are the
/// same; none where they lead to different places.
fn shared(one: &str, other: &str) -> Option<(usize, bool)> {
    let folders = |path: &str| path.rsplit('/').skip(1).map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (folders(one), folders(other));
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    (same == a.len().min(b.len())).then(|| (same, name(one) == name(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pictures: &[(&str, &str)]) -> Names {
        let picture = |(id, origin): &(&str, &str)| Picture {
            id: (*id).into(),
            origin: (*origin).into(),
            ..Picture::default()
        };
        Names::of(&pictures.iter().map(picture).collect::<Vec<_>>())
    }

    #[test]
    fn a_picture_is_known_by_where_it_came_from() {
        let names = names(&[
            ("my-cat", "My Cat.jpg"),
            ("picture", "猫.jpg"),
            ("1", "a/1.jpg"),
            ("1-2", "b/1.jpg"),
            ("1-3", "b/1.png"),
        ]);
        let found = |path: &str| names.find(path);
        for (path, id) in [
            ("pics/My Cat.jpg", "my-cat"),
            ("pics\\my cat.JPG", "my-cat"),
            ("my-cat", "my-cat"),
            ("pics/猫.jpg", "picture"),
            ("pics/a/1.jpg", "1"),
            ("./b/1.jpg", "1-2"),
            ("b/1.png", "1-3"),
            ("1-2", "1-2"),
            ("a/1.webp", "1"),
        ] {
            assert_eq!(found(path), Ok(id), "{path}");
        }
        assert!(matches!(found("1.jpg"), Err(NameError::Several { .. })), "{:?}", found("1.jpg"));
        assert!(matches!(found("c/1.jpg"), Err(NameError::NotThere(_))));
        assert!(found("Hund.jpg").unwrap_err().to_string().starts_with("Hund.jpg is not in the gallery."));
    }

    #[test]
    fn a_gallery_that_does_not_say_is_searched_by_name() {
        let names = names(&[("steam-train", ""), ("v1.2", "")]);
        assert_eq!(names.find("images/steam-train.webp"), Ok("steam-train"));
        assert_eq!(names.find("v1.2.webp"), Ok("v1.2"));
        assert_eq!(Names::of_ids(&["a".to_owned()]).find("x/A.jpg"), Ok("a"));
    }

    #[test]
    fn two_pictures_are_not_one() {
        let names = names(&[("1", "1.jpg"), ("2", "2.jpg")]);
        assert_eq!(names.find_all(["a/1.jpg", "./a/1.jpg", "2.jpg"]).unwrap().len(), 3);
        let error = names.find_all(["a/1.jpg", "b/1.jpg"]).unwrap_err();
        assert!(error.to_string().starts_with("a/1.jpg and b/1.jpg are two pictures"), "{error}");
    }
}
