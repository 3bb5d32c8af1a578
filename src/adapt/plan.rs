//! How a lesson goes: what is heard of it, in which order and as what, how long it learns, and when it is measured. The page
//! and the command line fetch the clips that a plan names, show how far it is, and decide nothing.

use serde::{Deserialize, Serialize};

/// What a clip is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Role {
    /// The visitor's, to be learned.
    Learn,
    /// The visitor's, to measure by.
    Examine,
    /// The gallery's, mixed in so that it is not forgotten.
    Rehearse,
    /// The gallery's, to measure by.
    Remember,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Learn, Self::Examine, Self::Rehearse, Self::Remember];
}

/// Spoken captions of the gallery that are rehearsed, and that what was forgotten is measured by.
pub const REHEARSED: usize = 192;
/// See [`REHEARSED`].
pub const REMEMBERED: usize = 64;
/// So often a lesson is measured on its way.
const EXAMS: usize = 8;
/// Seconds after which what was learned is kept anew, so that little is lost with a tab.
const SAVED_EVERY: f64 = 4.0;

/// A recording that somebody made for a lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Recorded {
    /// Id of its picture.
    pub picture: String,
    /// Whether it is kept to measure by.
    pub held: bool,
}

/// What the visitor chose; what is missing suits the recordings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Wishes {
    /// How often each recording is heard otherwise, beside as it is.
    pub views: Option<u64>,
    /// Steps in all.
    pub steps: Option<usize>,
    /// Captions that are rehearsed, [`REHEARSED`] where nothing is said.
    pub rehearse: Option<usize>,
    /// Captions that what was forgotten is measured by, [`REMEMBERED`] where nothing is said.
    pub remember: Option<usize>,
}

/// Whose clip it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Source {
    /// One of the recordings.
    Recording,
    /// One of the gallery's spoken captions.
    Caption,
}

/// A clip to be heard once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Hearing {
    /// Where it is found.
    pub source: Source,
    /// Its place in the list of these.
    pub number: usize,
    /// What it is there for.
    pub role: Role,
    /// 0 is the clip as it is; each other number is a change of it.
    pub view: u64,
}

/// A lesson before it begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Plan {
    /// What is heard first, in this order.
    pub hearings: Vec<Hearing>,
    /// Steps of learning.
    pub steps: usize,
    /// Steps after which it is measured, the last one among them.
    pub exams: Vec<usize>,
    /// Seconds after which what was learned is kept anew.
    pub saved_every: f64,
}

impl Plan {
    /// For these recordings, and captions of which the splits are given: `train` may be rehearsed, by `dev` is measured what
    /// was forgotten.
    ///
    /// A recording that is held is only measured by. Where none of a picture's is, the others are measured by too, each as
    /// another voice in another room: a view that is not learned from.
    pub fn new(recordings: &[Recorded], captions: &[&str], wishes: Wishes) -> Self {
        let learned = recordings.iter().filter(|one| !one.held).count();
        let views = wishes.views.unwrap_or(views_of(learned));
        let is_held = |picture: &str| recordings.iter().any(|one| one.held && one.picture == picture);
        let mut hearings = Vec::new();
        for (number, one) in recordings.iter().enumerate() {
            let hearing = |role, view| Hearing { source: Source::Recording, number, role, view };
            if one.held {
                hearings.push(hearing(Role::Examine, 0));
                continue;
            }
            hearings.extend((0..=views).map(|view| hearing(Role::Learn, view)));
            if !is_held(&one.picture) {
                hearings.push(hearing(Role::Examine, views + 1));
            }
        }
        let (rehearse, remember) =
            (wishes.rehearse.unwrap_or(REHEARSED), wishes.remember.unwrap_or(REMEMBERED));
        for (role, split, count) in [(Role::Rehearse, "train", rehearse), (Role::Remember, "dev", remember)] {
            let hearing = |number| Hearing { source: Source::Caption, number, role, view: 0 };
            hearings.extend(spread(captions, split, count).into_iter().map(hearing));
        }
        let steps = wishes.steps.unwrap_or(steps_of(learned)).max(1);
        let between = ((steps + EXAMS / 2) / EXAMS).max(1);
        let exams = (1..=steps).filter(|step| step.is_multiple_of(between) || *step == steps).collect();
        Self { hearings, steps, exams, saved_every: SAVED_EVERY }
    }
}

/// How often each of so many recordings is heard otherwise: few are heard more often, and hundreds cost no hours.
fn views_of(recordings: usize) -> u64 {
    (320 / recordings.max(1)).clamp(1, 8) as u64
}

/// Steps that so many recordings take: the more there are, the longer.
pub fn steps_of(recordings: usize) -> usize {
    (recordings * 5 / 4).clamp(200, 500)
}

/// Up to `count` captions of a split, evenly over the list, so that they are of many pictures.
fn spread(captions: &[&str], split: &str, count: usize) -> Vec<usize> {
    let all: Vec<usize> = (0..captions.len()).filter(|&number| captions[number] == split).collect();
    let count = count.min(all.len());
    (0..count).map(|place| all[place * all.len() / count]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(picture: &str, held: bool) -> Recorded {
        Recorded { picture: picture.into(), held }
    }

    fn heard(plan: &Plan, role: Role) -> Vec<(usize, u64)> {
        plan.hearings.iter().filter(|one| one.role == role).map(|one| (one.number, one.view)).collect()
    }

    #[test]
    fn what_is_learned_is_measured_by_something_else() {
        let recordings = [recorded("a", false), recorded("a", true), recorded("b", false)];
        let wishes = Wishes { views: Some(2), ..Wishes::default() };
        let plan = Plan::new(&recordings, &[], wishes);
        assert_eq!(heard(&plan, Role::Learn), [(0, 0), (0, 1), (0, 2), (2, 0), (2, 1), (2, 2)]);
        // The picture with a held recording is measured by that one, the other by a changed view.
        assert_eq!(heard(&plan, Role::Examine), [(1, 0), (2, 3)]);
    }

    #[test]
    fn captions_are_of_all_parts_of_the_list_and_of_their_split() {
        let splits: Vec<&str> = (0..500).map(|n| if n % 5 == 4 { "dev" } else { "train" }).collect();
        let plan = Plan::new(&[recorded("a", false)], &splits, Wishes::default());
        let rehearsed = heard(&plan, Role::Rehearse);
        assert_eq!((rehearsed.len(), rehearsed[0].0), (REHEARSED, 0));
        assert!(rehearsed.last().unwrap().0 > 480 && rehearsed.iter().all(|(n, _)| n % 5 != 4));
        assert_eq!(heard(&plan, Role::Remember).len(), REMEMBERED);
        let none = Wishes { rehearse: Some(0), remember: Some(0), ..Wishes::default() };
        assert!(heard(&Plan::new(&[recorded("a", false)], &splits, none), Role::Rehearse).is_empty());
    }

    #[test]
    fn few_recordings_are_heard_often_and_many_take_longer() {
        let plan = |count| Plan::new(&vec![recorded("a", false); count], &[], Wishes::default());
        assert_eq!((heard(&plan(1), Role::Learn).len(), plan(1).steps), (9, 200));
        assert_eq!((heard(&plan(400), Role::Learn).len(), plan(400).steps), (800, 500));
        assert_eq!(plan(1).exams, [25, 50, 75, 100, 125, 150, 175, 200]);
        let short = Plan::new(&[], &[], Wishes { steps: Some(3), ..Wishes::default() });
        assert_eq!(short.exams, [1, 2, 3]);
    }
}
